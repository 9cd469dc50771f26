{# The span that the events cover. What claims to come from a later day than it arrived on tells nothing. #}

with

source as (
    select
        created,
        received_at
    from {{ stripe_events() }} as raw_rows
),

final as (
    select
        min(created) as first_event_at,
        max(created) as last_event_at
    from source
    where created <= coalesce(received_at, created) + interval '1 day'
)

select * from final

{# The span that the events cover. What claims to come from a later day than it arrived on tells nothing. #}

{{ config(materialized='table') }}

with

final as (
    select
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at
    from {{ ref('stg_stripe__events') }}
    where occurred_at <= coalesce(received_at, occurred_at) + interval '1 day'
)

select * from final

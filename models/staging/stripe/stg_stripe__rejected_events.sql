{#
    Raw rows that are no event of their own: set aside by the receiver, without what every event has, or with an id
    that another row has with another content.
#}

with

unusable as (
    select
        id as record_key,
        case
            when quarantine_reason is not null then quarantine_reason
            when id is null then 'the event has no id'
            when type is null then 'the event has no type'
            when created is null then 'the event has no time'
            when not {{ is_stripe_time('created') }}
                then 'the event is from before 2009 or after 2199'
            when payload is null then 'the event has no payload'
            when livemode is null then 'the event does not say its mode'
        end as rejection_reason,
        coalesce(payload::text, 'no JSON; raw.stripe_events has the bytes')
            as original_record
    from {{ stripe_rows() }} as raw_rows
    where {{ is_set_aside() }}
),

{% if not has_unique_id() -%}
{# Payloads are fetched of the few rows that repeat an id, and of no other. #}
conflicting as (
    select
        repeated.id as record_key,
        'the id came before with another content' as rejection_reason,
        repeated.payload::text as original_record
    from {{ ref('stg_stripe__events') }} as events
    inner join {{ stripe_rows() }} as repeated
        on events.event_id = repeated.id and events.place <> repeated.place
    inner join {{ stripe_rows() }} as kept on events.place = kept.place
    where
        repeated.quarantine_reason is null
        and (
            repeated.type <> kept.type
            or repeated.created <> kept.created
            or {{ contradicts('repeated.payload', 'kept.payload') }}
        )
),
{%- endif %}

final as (
    select * from unusable
    where rejection_reason is not null
    {% if not has_unique_id() -%}
    union all
    select * from conflicting
    {%- endif %}
)

select * from final

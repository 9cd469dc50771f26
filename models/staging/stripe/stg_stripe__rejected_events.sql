{#
    Raw rows that are no event of their own: set aside by the receiver, without what every event has, or with an id
    that another row has with another content.
#}

with

source as (
    select
        id,
        type,
        created,
        livemode,
        payload,
        quarantine_reason,
        place
    from {{ stripe_rows() }} as raw_rows
),

unusable as (
    select
        id as record_key,
        case
            when quarantine_reason is not null then quarantine_reason
            when id is null then 'the event has no id'
            when type is null then 'the event has no type'
            when created is null then 'the event has no time'
            when payload is null then 'the event has no payload'
            when livemode is null then 'the event does not say its mode'
        end as rejection_reason,
        coalesce(payload::text, 'no JSON; raw.stripe_events has the bytes')
            as original_record
    from source
),

{% if not has_unique_id() -%}
conflicting as (
    select
        source.id as record_key,
        'the id came before with another content' as rejection_reason,
        source.payload::text as original_record
    from {{ ref('stg_stripe__events') }} as events
    inner join source
        on events.event_id = source.id and events.place <> source.place
    inner join source as kept on events.place = kept.place
    where
        source.quarantine_reason is null
        and source.payload <> kept.payload
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

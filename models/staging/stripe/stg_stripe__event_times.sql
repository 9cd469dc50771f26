{#
    The span that the events cover, and from when on money moved or was billed: objects fetched from the API tell of more
    than events do. What claims to come from a later day than it arrived on, or than today, tells nothing.
#}

{{ config(materialized='table') }}

with

events as (
    select
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at
    from {{ ref('stg_stripe__events') }}
    where occurred_at <= coalesce(received_at, current_timestamp) + interval '1 day'
),

money as (
    select min(created_at) as moved_at
    from {{ ref('stg_stripe__charge_states') }}
    union all
    select min(created_at) as moved_at
    from {{ ref('stg_stripe__refund_states') }}
    union all
    select min(created_at) as moved_at
    from {{ ref('stg_stripe__dispute_states') }}
    union all
    select least(min(paid_at), min(finalized_at)) as moved_at
    from {{ ref('stg_stripe__invoice_states') }}
),

final as (
    select
        least(events.first_event_at, min(money.moved_at)) as first_event_at,
        events.last_event_at
    from events
    cross join money
    group by events.first_event_at, events.last_event_at
)

select * from final

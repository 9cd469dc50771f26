{#
    The span that the events cover, and from when on money moved or was billed: objects fetched from the API tell of more
    than events do. What claims to come from a later day than it arrived on, or than today, tells nothing.

    What was read before is in the table as it stands, where an id never comes again with another content; only what is new
    is read.
#}

{{ config(unique_key='event_times_id', indexes=[]) }}

{% set adds = is_incremental() and has_unique_id() -%}
{% set is_new = of_new_batches('batch') if adds else 'true' -%}

with

events as (
    select
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at
    from {{ ref('stg_stripe__events') }}
    where
        occurred_at <= coalesce(received_at, current_timestamp) + interval '1 day'
        and {{ is_new }}
),

money as (
    select min(created_at) as moved_at
    from {{ ref('stg_stripe__charge_states') }}
    where {{ is_new }}
    union all
    select min(created_at) as moved_at
    from {{ ref('stg_stripe__refund_states') }}
    where {{ is_new }}
    union all
    select min(created_at) as moved_at
    from {{ ref('stg_stripe__dispute_states') }}
    where {{ is_new }}
    union all
    select least(min(paid_at), min(finalized_at)) as moved_at
    from {{ ref('stg_stripe__invoice_states') }}
    where {{ is_new }}
),

told as (
    select
        events.first_event_at,
        events.last_event_at
    from events
    union all
    select
        min(moved_at) as first_event_at,
        null as last_event_at
    from money
    {% if adds -%}
    union all
    select
        first_event_at,
        last_event_at
    from {{ this }}
    {% endif -%}
),

final as (
    select
        1 as event_times_id,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from told
)

select * from final

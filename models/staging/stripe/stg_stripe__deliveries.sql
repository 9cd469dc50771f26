-- depends_on: {{ ref('stg_stripe__events') }}
{#
    All that has come, usable or not, of either mode, as often as it did. Where each id comes once, only what is set aside
    is looked for in the raw table; the others are counted already.
#}

with

{% if has_unique_id() -%}
counted as (
    select
        event_type,
        coalesce(api_version, 'unknown') as api_version,
        count(*) as event_count,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at
    from {{ ref('stg_stripe__events') }}
    group by event_type, coalesce(api_version, 'unknown')
),

set_aside as (
    select
        coalesce(type, 'unknown') as event_type,
        coalesce(nullif(api_version, ''), 'unknown') as api_version,
        count(*) filter (where ({{ counts_as_event() }}) is not true) as event_count,
        count(*) filter (where livemode is not true) as test_mode_count,
        count(*) filter (
            where
                quarantine_reason is not null
                or ({{ is_stripe_time('created') }}) is not true
                or payload is null
        ) as quarantined_count,
        min(created) filter (where {{ is_stripe_time('created') }}) as first_event_at,
        max(created) filter (where {{ is_stripe_time('created') }}) as last_event_at
    from {{ stripe_rows() }} as raw_rows
    where {{ is_set_aside() }}
    group by coalesce(type, 'unknown'), coalesce(nullif(api_version, ''), 'unknown')
),

united as (
    select
        coalesce(counted.event_type, set_aside.event_type) as event_type,
        coalesce(counted.api_version, set_aside.api_version) as api_version,
        coalesce(counted.event_count, 0) + coalesce(set_aside.event_count, 0)
            as event_count,
        coalesce(set_aside.test_mode_count, 0) as test_mode_count,
        coalesce(set_aside.quarantined_count, 0) as quarantined_count,
        least(counted.first_event_at, set_aside.first_event_at) as first_event_at,
        greatest(counted.last_event_at, set_aside.last_event_at) as last_event_at
    from counted
    full join set_aside
        on
            counted.event_type = set_aside.event_type
            and counted.api_version = set_aside.api_version
),

final as (
    select
        event_type,
        api_version,
        event_count as delivery_count,
        event_count,
        test_mode_count,
        quarantined_count,
        first_event_at,
        last_event_at
    from united
)
{%- else -%}
events as (
    select
        id,
        coalesce(type, 'unknown') as event_type,
        coalesce(nullif(api_version, ''), 'unknown') as api_version,
        case when {{ is_stripe_time('created') }} then created end as created,
        coalesce(livemode, false) as is_livemode,
        quarantine_reason is not null
        or ({{ is_stripe_time('created') }}) is not true
        or payload is null as is_quarantined
    from {{ raw('stripe_events') }} as raw_rows
),

final as (
    select
        event_type,
        api_version,
        count(*) as delivery_count,
        count(distinct id) as event_count,
        count(distinct id) filter (where not is_livemode) as test_mode_count,
        count(*) filter (where is_quarantined) as quarantined_count,
        min(created) as first_event_at,
        max(created) as last_event_at
    from events
    group by event_type, api_version
)
{%- endif %}

select * from final

{#
    What has come from Stripe, by type and API version, and how much of it the models read. An event whose type they do
    not know, or whose shape is not that of its type, is counted here and stays in the raw table.
#}

with

counted as (
    select
        event_type,
        api_version,
        delivery_count,
        event_count,
        test_mode_count,
        quarantined_count,
        first_event_at,
        last_event_at
    from {{ ref('stg_stripe__deliveries') }}
),

read_events as (
    {% for model in state_models() -%}
    select
        event_type,
        coalesce(api_version, 'unknown') as api_version,
        count(*) as read_count
    from {{ ref(model) }}
    group by event_type, coalesce(api_version, 'unknown')
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

read_types as (
    select
        event_type,
        api_version,
        sum(read_count)::bigint as read_count
    from read_events
    group by event_type, api_version
),

final as (
    select
        counted.event_type,
        counted.api_version,
        counted.delivery_count,
        counted.event_count,
        counted.test_mode_count,
        counted.quarantined_count,
        coalesce(read_types.read_count, 0) as read_count,
        counted.first_event_at,
        counted.last_event_at
    from counted
    left join read_types
        on
            counted.event_type = read_types.event_type
            and counted.api_version = read_types.api_version
)

select * from final

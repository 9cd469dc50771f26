{# All that has come, usable or not, of either mode, as often as it did. #}

{% set different = '' if has_unique_id() else 'distinct ' -%}

with

events as (
    select
        id,
        coalesce(type, 'unknown') as event_type,
        coalesce(api_version, 'unknown') as api_version,
        created,
        coalesce(livemode, false) as is_livemode,
        quarantine_reason is not null
        or created is null
        or payload is null as is_quarantined
    from {{ raw('stripe_events') }} as raw_rows
),

final as (
    select
        event_type,
        api_version,
        count(*) as delivery_count,
        count({{ different }}id) as event_count,
        count({{ different }}id) filter (where not is_livemode) as test_mode_count,
        count(*) filter (where is_quarantined) as quarantined_count,
        min(created) as first_event_at,
        max(created) as last_event_at
    from events
    group by event_type, api_version
)

select * from final

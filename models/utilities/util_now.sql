{# The var `now` decides; else the newest Stripe event; else the newest row of the application. #}

with

events as (
    select last_event_at
    from {{ ref('stg_stripe__event_times') }}
),

application_rows as (
    select greatest(created_at, updated_at) as happened_at
    from {{ ref('stg_dogdb__accounts') }}
    where is_current
    union all
    select greatest(created_at, updated_at)
    from {{ ref('stg_dogdb__licenses') }}
    where is_current
    union all
    select greatest(created_at, completed_at)
    from {{ ref('stg_dogdb__interactions') }}
    where is_current
    union all
    select installed_at
    from {{ ref('stg_installs__installs') }}
    where is_current
),

newest as (
    select max(happened_at) as happened_at
    from application_rows
),

final as (
    select
        1 as util_now_id,
        coalesce(
            {{ pinned_now() }},
            (select events.last_event_at from events),
            newest.happened_at,
            '1970-01-01Z'::timestamptz
        ) as now_at
    from newest
)

select * from final

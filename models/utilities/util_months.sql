with

rows_of_data as (
    select created_at as happened_at
    from {{ ref('stg_dogdb__accounts') }}
    where is_current
    union all
    select created_at
    from {{ ref('stg_dogdb__licenses') }}
    where is_current
    union all
    select created_at
    from {{ ref('stg_dogdb__interactions') }}
    where is_current
    union all
    select installed_at
    from {{ ref('stg_installs__installs') }}
    where is_current
    union all
    select {{ utc_start('spend_date') }}
    from {{ ref('stg_installs__ad_spend') }}
    where is_current
    union all
    select first_event_at
    from {{ ref('stg_stripe__event_times') }}
),

bounds as (
    select
        {{ utc_month('min(happened_at)') }} as first_month,
        {{ utc_month(now_at()) }} as last_month
    from rows_of_data
),

final as (
    select
        months.month,
        {{ utc_start('months.month') }} as starts_at,
        {{ utc_start('(' ~ next_month('months.month') ~ ')') }} as ends_at
    from bounds
    cross join
        lateral {{ month_series('bounds.first_month', 'bounds.last_month') }}
            as months (month)
)

select * from final

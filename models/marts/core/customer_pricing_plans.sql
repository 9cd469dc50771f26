{# Of a plan's prices the one in force now; before the first comes into force, the first. #}

with

prices as (
    select
        pricing_plan_id,
        name,
        monthly_charge,
        created_date,
        updated_date,
        starts_on
    from {{ ref('stg_dogdb__plan_prices') }}
    where is_current
),

final as (
    select distinct on (pricing_plan_id)
        pricing_plan_id,
        name,
        monthly_charge::numeric(18, 2) as monthly_charge,
        created_date,
        updated_date
    from prices
    order by
        pricing_plan_id,
        starts_on <= {{ utc_date(now_at()) }} desc,
        case when starts_on <= {{ utc_date(now_at()) }} then starts_on end desc,
        starts_on
)

select * from final

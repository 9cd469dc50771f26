{#
    The snapshot keeps a price that the application has overwritten since. A price overwritten without a new
    updated_date holds from the day it was first seen.
#}

with

prices as (
    select
        plan_price_key,
        pricing_plan_id,
        starts_on,
        monthly_charge,
        {{ to_utc('dbt_valid_from') }} as seen_at
    from {{ ref('plan_prices_seen') }}
),

dated as (
    select
        pricing_plan_id,
        monthly_charge,
        seen_at,
        case
            when seen_at = min(seen_at) over (partition by plan_price_key)
                then starts_on
            else greatest(starts_on, {{ utc_date('seen_at') }})
        end as starts_on
    from prices
),

latest_of_day as (
    select distinct on (pricing_plan_id, starts_on)
        pricing_plan_id,
        starts_on,
        monthly_charge
    from dated
    order by pricing_plan_id, starts_on, seen_at desc
),

final as (
    select
        pricing_plan_id,
        starts_on,
        lead(starts_on) over (
            partition by pricing_plan_id
            order by starts_on
        ) as ends_on,
        monthly_charge::numeric(18, 2) as monthly_charge
    from latest_of_day
)

select * from final

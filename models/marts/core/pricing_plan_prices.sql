{#
    The snapshot keeps a price that the application has overwritten since. A price overwritten without a new
    updated_date holds from the day it was first seen, as long as no other has begun. One taken back before its first
    day never held.
#}

with

plans as (
    select pricing_plan_id
    from {{ ref('customer_pricing_plans') }}
),

prices as (
    select
        plan_price_key,
        pricing_plan_id,
        starts_on as announced_on,
        monthly_charge,
        {{ to_utc('dbt_valid_from') }} as seen_at,
        {{ to_utc('dbt_valid_to') }} as gone_at
    from {{ ref('plan_prices_seen') }}
),

came_into_force as (
    select
        *,
        case
            when seen_at = min(seen_at) over (partition by plan_price_key)
                then announced_on
            else greatest(announced_on, {{ utc_date('seen_at') }})
        end as starts_on
    from prices
    where gone_at is null or announced_on <= {{ utc_date('gone_at') }}
),

followed as (
    select
        came_into_force.*,
        (
            select min(later.announced_on)
            from came_into_force as later
            where
                later.pricing_plan_id = came_into_force.pricing_plan_id
                and later.announced_on > came_into_force.announced_on
        ) as next_announced_on
    from came_into_force
),

latest_of_day as (
    select distinct on (pricing_plan_id, starts_on)
        pricing_plan_id,
        starts_on,
        monthly_charge
    from followed
    where next_announced_on is null or starts_on < next_announced_on
    order by pricing_plan_id, starts_on, announced_on desc, seen_at desc
),

final as (
    select
        latest_of_day.pricing_plan_id,
        latest_of_day.starts_on,
        lead(latest_of_day.starts_on) over (
            partition by latest_of_day.pricing_plan_id
            order by latest_of_day.starts_on
        ) as ends_on,
        latest_of_day.monthly_charge::numeric(18, 2) as monthly_charge
    from latest_of_day
    inner join plans on latest_of_day.pricing_plan_id = plans.pricing_plan_id
)

select * from final

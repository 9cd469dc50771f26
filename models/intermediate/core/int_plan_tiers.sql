{# A name that two plans have means neither. #}

with

plans as (
    select
        pricing_plan_id,
        lower(name) as tier
    from {{ ref('customer_pricing_plans') }}
),

final as (
    select
        tier,
        min(pricing_plan_id) as pricing_plan_id
    from plans
    group by tier
    having count(*) = 1
)

select * from final

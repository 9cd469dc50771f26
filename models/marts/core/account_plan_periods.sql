{#
    A tier's span begins when the application says that it changed (updated_at), or, where it says nothing new, when
    the change was first seen. The first span reaches back to the sign-up.
#}

with

tiers as (
    select
        account_id,
        current_tier,
        created_at,
        updated_at,
        dbt_valid_from,
        dbt_valid_to
    from {{ ref('account_tiers_seen') }}
),

plans as (
    select
        pricing_plan_id,
        name
    from {{ ref('customer_pricing_plans') }}
),

neighbours as (
    select
        *,
        lag(dbt_valid_from) over in_order as previous_seen_at,
        lag(updated_at) over in_order as previous_updated_at
    from tiers
    window in_order as (
        partition by account_id
        order by dbt_valid_from
    )
),

started as (
    select
        *,
        previous_seen_at is not null as is_start_observed,
        case
            when
                previous_seen_at is null
                then coalesce(created_at, updated_at, dbt_valid_from)
            when updated_at > previous_updated_at and updated_at <= dbt_valid_from
                then updated_at
            else dbt_valid_from
        end as starts_at
    from neighbours
),

spans as (
    select
        *,
        least(
            dbt_valid_to,
            lead(starts_at) over (
                partition by account_id
                order by starts_at
            )
        ) as ends_at
    from started
),

final as (
    select
        spans.account_id,
        spans.starts_at,
        spans.ends_at,
        spans.current_tier as tier,
        plans.pricing_plan_id,
        spans.is_start_observed
    from spans
    left join plans on lower(plans.name) = lower(spans.current_tier)
)

select * from final

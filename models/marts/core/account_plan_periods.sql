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
        {{ to_utc('dbt_valid_from') }} as seen_at,
        {{ to_utc('dbt_valid_to') }} as gone_at
    from {{ ref('account_tiers_seen') }}
),

plans as (
    select
        pricing_plan_id,
        tier
    from {{ ref('int_plan_tiers') }}
),

neighbours as (
    select
        *,
        lag(seen_at) over in_order as previous_seen_at,
        lag(updated_at) over in_order as previous_updated_at
    from tiers
    window in_order as (
        partition by account_id
        order by seen_at
    )
),

started as (
    select
        *,
        previous_seen_at is not null as is_start_observed,
        case
            when previous_seen_at is null
                then least(coalesce(created_at, updated_at, seen_at), seen_at)
            when updated_at > previous_updated_at and updated_at <= seen_at
                then updated_at
            else seen_at
        end as starts_at
    from neighbours
),

spans as (
    select
        *,
        least(
            gone_at,
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
    left join plans on plans.tier = lower(spans.current_tier)
    where spans.ends_at is null or spans.starts_at < spans.ends_at
)

select * from final

{# An account that only others refer to is inferred, so that what they say of it is not lost. #}

with

accounts as (
    select
        account_id,
        account_key,
        email,
        current_tier,
        created_at,
        updated_at
    from {{ ref('stg_dogdb__accounts') }}
    where is_current
),

referred_to as (
    select account_id
    from {{ ref('stg_dogdb__interactions') }}
    where is_current
    union
    select account_id
    from {{ ref('stg_dogdb__licenses') }}
    where is_current
    union
    select account_id
    from {{ ref('account_tiers_seen') }}
    union
    select account_id
    from {{ ref('int_stripe_customers_linked') }}
),

plans as (
    select
        pricing_plan_id,
        tier
    from {{ ref('int_plan_tiers') }}
),

inferred as (
    select
        referred_to.account_id,
        {{ dbt_utils.generate_surrogate_key(['referred_to.account_id']) }}
            as account_key
    from referred_to
    left join accounts on referred_to.account_id = accounts.account_id
    where accounts.account_id is null
),

final as (
    select
        accounts.account_id,
        accounts.account_key,
        accounts.email,
        plans.pricing_plan_id,
        accounts.created_at,
        accounts.updated_at,
        false as is_inferred
    from accounts
    left join plans on plans.tier = lower(accounts.current_tier)
    union all
    select
        account_id,
        account_key,
        null as email,
        null as pricing_plan_id,
        null as created_at,
        null as updated_at,
        true as is_inferred
    from inferred
)

select * from final

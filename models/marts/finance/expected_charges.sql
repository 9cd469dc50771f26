{#
    Who is to be billed in the month that comes, as the application's own tables say; the card is Stripe's. The day is that of the month on
    which the plan began, or the month's last where it has no such day; the price is the one in force on that day.
#}

with

plan_periods as (
    select
        account_id,
        pricing_plan_id,
        starts_at
    from {{ ref('account_plan_periods') }}
    where ends_at is null
),

accounts as (
    select
        account_id,
        email
    from {{ ref('customer_accounts') }}
),

plans as (
    select
        pricing_plan_id,
        name
    from {{ ref('customer_pricing_plans') }}
),

prices as (
    select
        pricing_plan_id,
        starts_on,
        ends_on,
        monthly_charge
    from {{ ref('pricing_plan_prices') }}
),

methods as (
    select
        plan,
        method
    from {{ ref('plan_billing_methods') }}
),

subscriptions as (
    select
        stripe_customer_id,
        default_payment_method_id
    from {{ latest_states(
        'stg_stripe__subscription_states',
        'states.default_payment_method_id is not null'
    ) }} as latest
    where ended_at is null
),

{#
    The card that Stripe would charge: the subscription's, else the customer's default, else the one that is good for
    longest.
#}
cards as (
    select distinct on (customers.account_id)
        customers.account_id,
        payment_methods.brand,
        payment_methods.last4,
        payment_methods.expires_on
    from {{ ref('stripe_customers') }} as customers
    inner join {{ ref('payment_methods') }} as payment_methods
        on customers.stripe_customer_id = payment_methods.stripe_customer_id
    left join subscriptions
        on
            payment_methods.stripe_customer_id = subscriptions.stripe_customer_id
            and payment_methods.payment_method_id
            = subscriptions.default_payment_method_id
    where
        payment_methods.payment_type in ('card', 'wallet')
        and payment_methods.last4 is not null
        and not payment_methods.is_detached
        and not customers.is_deleted
    order by
        customers.account_id,
        subscriptions.stripe_customer_id is not null desc,
        customers.default_payment_method_id = payment_methods.payment_method_id
        desc nulls last,
        payment_methods.expires_on desc nulls last,
        payment_methods.payment_method_id
),

coming_month as (
    select {{ next_month(utc_month(now_at())) }} as month
),

expected as (
    select
        plan_periods.account_id,
        plan_periods.pricing_plan_id,
        coming_month.month,
        {{ day_in_month('coming_month.month', utc_date('plan_periods.starts_at')) }}
            as expected_on
    from plan_periods
    cross join coming_month
),

final as (
    select
        expected.account_id,
        expected.month,
        accounts.email,
        plans.name as plan,
        coalesce(methods.method, 'unknown') as method,
        prices.monthly_charge::numeric(18, 2) as amount,
        'usd' as currency,
        expected.expected_on,
        cards.brand as card_brand,
        cards.last4 as card_last4,
        cards.expires_on as card_expires_on
    from expected
    inner join accounts on expected.account_id = accounts.account_id
    inner join plans on expected.pricing_plan_id = plans.pricing_plan_id
    inner join prices
        on
            expected.pricing_plan_id = prices.pricing_plan_id
            and expected.expected_on >= prices.starts_on
            and (expected.expected_on < prices.ends_on or prices.ends_on is null)
    left join methods on methods.plan = lower(plans.name)
    left join cards
        on expected.account_id = cards.account_id and methods.method = 'card'
    where prices.monthly_charge > 0
)

select * from final

{#
    Who is to be billed in the month that comes, as the application's own tables say; the day and the card are Stripe's.
    Where no subscription runs, the day is that of the month on which the plan began, or the month's last where it has no such
    day. The price is the one in force on that day, for as many months as the
    subscription is billed for.
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

coming_month as (
    select {{ next_month(utc_month(now_at())) }} as month
),

states as (
    select
        subscription_id,
        default_payment_method_id,
        default_source_id,
        {{ utc_date('current_period_starts_at') }} as period_starts_on,
        {{ utc_date('current_period_ends_at') }} as period_ends_on,
        {{ utc_month('current_period_ends_at') }} as period_end_month,
        started_at,
        {{ utc_date('cancel_at') }} as cancel_on,
        cancels_at_period_end,
        has_paused_collection
    from {{ latest_states(
        'stg_stripe__subscription_states',
        "states.status in ('active', 'past_due', 'trialing') and states.ended_at is null"
    ) }} as latest
),

{#
    Those that cost something. A period that ends with a month may have begun on a later day of one: then that is the day,
    as Stripe goes back to it.
#}
running as (
    select
        states.subscription_id,
        periods.account_id,
        periods.stripe_customer_id,
        lower(periods.plan) as plan,
        states.default_payment_method_id,
        states.default_source_id,
        states.started_at,
        states.cancel_on,
        states.cancels_at_period_end,
        states.has_paused_collection,
        coming_month.month,
        case {{ json_string('periods.items', '0.interval') }}
            when 'month' then {{ json_amount('periods.items', '0.interval_count') }}
            when 'year' then 12 * {{ json_amount('periods.items', '0.interval_count') }}
            else 1
        end as months_of_period,
        {{ months_between('states.period_end_month', 'coming_month.month') }}
            as months_ahead,
        coalesce(
            case
                when
                    {{ day_in_month(
                        'states.period_end_month', 'states.period_starts_on'
                    ) }} = states.period_ends_on
                    then states.period_starts_on
            end,
            states.period_ends_on
        ) as day_of_period
    from states
    inner join {{ ref('subscription_periods') }} as periods
        on states.subscription_id = periods.subscription_id
    cross join coming_month
    where
        periods.ends_at is null and (periods.list_mrr > 0 or not periods.is_mrr_known)
),

dated as (
    select
        *,
        case
            when day_of_period is not null
                then {{ day_in_month('month', 'day_of_period') }}
        end as expected_on
    from running
),

{# No bill comes where no period ends in the month, or the subscription does so with it or before, or collection is paused. #}
judged as (
    select
        *,
        coalesce(
            months_ahead >= 0 and months_ahead % nullif(months_of_period, 0) = 0, true
        )
        and not cancels_at_period_end
        and not coalesce(has_paused_collection, false)
        and coalesce(cancel_on > coalesce(expected_on, month), true) as is_billed
    from dated
),

{# Of several subscriptions the one that bills, rather that of the plan, rather the newest. #}
expected as (
    select distinct on (plan_periods.account_id)
        plan_periods.account_id,
        plan_periods.pricing_plan_id,
        plans.name as plan,
        coming_month.month,
        coalesce(judged.is_billed, true) as is_billed,
        coalesce(
            judged.expected_on,
            {{ day_in_month('coming_month.month', utc_date('plan_periods.starts_at')) }}
        ) as expected_on,
        coalesce(nullif(judged.months_of_period, 0), 1) as months_of_period,
        judged.stripe_customer_id,
        judged.default_payment_method_id,
        judged.default_source_id
    from plan_periods
    inner join plans on plan_periods.pricing_plan_id = plans.pricing_plan_id
    cross join coming_month
    left join judged on plan_periods.account_id = judged.account_id
    order by
        plan_periods.account_id,
        judged.is_billed desc,
        judged.plan = lower(plans.name) desc nulls last,
        judged.started_at desc nulls last,
        judged.subscription_id
),

{# Who pays: the customer of the subscription, or any of the account's where none runs. #}
payers as (
    select
        expected.account_id,
        customers.stripe_customer_id,
        expected.default_payment_method_id as method_of_subscription,
        expected.default_source_id as source_of_subscription,
        customers.default_payment_method_id as method_of_customer
    from expected
    inner join {{ ref('stripe_customers') }} as customers
        on
            expected.account_id = customers.account_id
            and customers.stripe_customer_id
            = coalesce(expected.stripe_customer_id, customers.stripe_customer_id)
    where not customers.is_deleted
),

payment_methods as (
    select
        payment_method_id,
        stripe_customer_id,
        payment_type = 'card' or coalesce(method_type = 'card', false) as is_card,
        brand,
        last4,
        expires_on,
        is_detached,
        is_inferred
    from {{ ref('payment_methods') }}
),

named_methods as (
    {% for column in [
        'method_of_subscription', 'source_of_subscription', 'method_of_customer',
    ] -%}
    select
        account_id,
        {{ column }} as payment_method_id,
        {{ loop.index }} as preference
    from payers
    where {{ column }} is not null
    union all
    {% endfor -%}
    select
        payers.account_id,
        payment_methods.payment_method_id,
        4 as preference
    from payers
    inner join payment_methods
        on payers.stripe_customer_id = payment_methods.stripe_customer_id
    where
        payment_methods.is_card
        and payment_methods.last4 is not null
        and not payment_methods.is_inferred
),

{#
    The method that Stripe would charge: the subscription's, its source, the customer's default, else the card on file that
    is good for longest. One that is named but that nothing else tells of is no less the one.
#}
charged_methods as (
    select distinct on (named_methods.account_id)
        named_methods.account_id,
        payment_methods.is_card,
        payment_methods.brand,
        payment_methods.last4,
        payment_methods.expires_on
    from named_methods
    left join payment_methods
        on named_methods.payment_method_id = payment_methods.payment_method_id
    where not coalesce(payment_methods.is_detached, false)
    order by
        named_methods.account_id,
        named_methods.preference,
        payment_methods.expires_on desc nulls last,
        named_methods.payment_method_id
),

cards as (
    select *
    from charged_methods
    where is_card
),

final as (
    select
        expected.account_id,
        expected.month,
        accounts.email,
        expected.plan,
        coalesce(methods.method, 'unknown') as method,
        (prices.monthly_charge * expected.months_of_period)::numeric(18, 2) as amount,
        'usd' as currency,
        expected.expected_on,
        cards.brand as card_brand,
        cards.last4 as card_last4,
        cards.expires_on as card_expires_on
    from expected
    inner join accounts on expected.account_id = accounts.account_id
    inner join prices
        on
            expected.pricing_plan_id = prices.pricing_plan_id
            and expected.expected_on >= prices.starts_on
            and (expected.expected_on < prices.ends_on or prices.ends_on is null)
    left join methods on methods.plan = lower(expected.plan)
    left join cards
        on expected.account_id = cards.account_id and methods.method = 'card'
    where expected.is_billed and prices.monthly_charge > 0
)

select * from final

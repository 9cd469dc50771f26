{#
    Each day on which a paid period ends a subscription was up for renewal; a paid period that begins on that day is the
    renewal. The first time none follows, the subscription leaves its cohort.
#}

with

periods as (
    select
        subscription_id,
        period_ends_at,
        {{ utc_date('period_starts_at') }} as starts_date,
        {{ utc_date('period_ends_at') }} as ends_date,
        is_paid,
        is_settled,
        price_ids
    from {{ ref('billed_periods') }}
),

states as (
    select
        subscription_id,
        starts_at,
        ends_at,
        status,
        plan
    from {{ ref('subscription_periods') }}
),

ended as (
    select
        paid.subscription_id,
        paid.ends_date,
        max(paid.period_ends_at) as period_ends_at,
        count(following.subscription_id) > 0 as is_followed,
        coalesce(bool_or(following.is_paid), false) as is_renewed,
        coalesce(bool_or(following.is_settled), false) as is_next_settled
    from periods as paid
    left join periods as following
        on
            paid.subscription_id = following.subscription_id
            and paid.ends_date = following.starts_date
    where paid.is_paid and paid.period_ends_at <= {{ now_at() }}
    group by paid.subscription_id, paid.ends_date
),

{# Whether another paid one had taken its place, as when the interval changes: none follows, that one runs on. #}
replaced as (
    select distinct
        ended.subscription_id,
        ended.ends_date
    from ended
    inner join periods
        on
            ended.subscription_id = periods.subscription_id
            and ended.ends_date > periods.starts_date
            and ended.ends_date < periods.ends_date
    where not ended.is_followed and periods.is_paid
),

due as (
    select
        ended.subscription_id,
        ended.ends_date,
        ended.period_ends_at,
        ended.is_renewed,
        ended.is_next_settled,
        row_number() over history as renewal_number,
        count(*) filter (where not ended.is_renewed) over (
            history rows between unbounded preceding and 1 preceding
        ) as lapses_before
    from ended
    left join replaced
        on
            ended.subscription_id = replaced.subscription_id
            and ended.ends_date = replaced.ends_date
    where replaced.subscription_id is null
    window history as (partition by ended.subscription_id order by ended.ends_date)
),

placed as (
    select
        due.*,
        states.plan
    from due
    left join states
        on
            due.subscription_id = states.subscription_id
            and due.period_ends_at > states.starts_at
            and (due.period_ends_at <= states.ends_at or states.ends_at is null)
    where due.lapses_before = 0
),

{# Before the first state that is known, the bill tells the prices, and any state what they are called. #}
billed_prices as (
    select
        placed.subscription_id,
        placed.renewal_number,
        {{ json_own_id('price.value') }} as price_id
    from placed
    inner join periods
        on
            placed.subscription_id = periods.subscription_id
            and placed.ends_date = periods.ends_date
    cross join lateral {{ elements_of('periods.price_ids') }} as price (value)
    where placed.plan is null and periods.is_paid
),

price_plans as (
    select distinct
        {{ json_string('item.value', 'price_id') }} as price_id,
        {{ json_string('item.value', 'plan') }} as plan
    from {{ ref('subscription_periods') }} as states
    cross join lateral {{ elements_of('states.items') }} as item (value)
    where exists (select 1 from billed_prices)
),

billed_plans as (
    select
        billed_prices.subscription_id,
        billed_prices.renewal_number,
        left(string_agg(distinct price_plans.plan, ' + '), 300) as plan
    from billed_prices
    inner join price_plans on billed_prices.price_id = price_plans.price_id
    group by billed_prices.subscription_id, billed_prices.renewal_number
),

first_plans as (
    select distinct on (subscription_id)
        subscription_id,
        plan
    from states
    where plan is not null
    order by subscription_id, starts_at
),

{# Stripe may yet collect as long as the subscription runs and the bill for the next period is not settled. #}
judged as (
    select
        placed.renewal_number,
        coalesce(placed.plan, billed_plans.plan, first_plans.plan, 'unknown') as plan,
        placed.is_renewed,
        not placed.is_renewed
        and coalesce(last_states.status in ('active', 'past_due'), false)
        and not placed.is_next_settled as is_pending
    from placed
    left join billed_plans
        on
            placed.subscription_id = billed_plans.subscription_id
            and placed.renewal_number = billed_plans.renewal_number
    left join first_plans on placed.subscription_id = first_plans.subscription_id
    left join states as last_states
        on
            placed.subscription_id = last_states.subscription_id
            and last_states.ends_at is null
),

sums as (
    select
        plan,
        renewal_number,
        count(*) as due_subscriptions,
        count(*) filter (where is_renewed) as renewed_subscriptions,
        count(*) filter (where not is_renewed and not is_pending)
            as lapsed_subscriptions,
        count(*) filter (where is_pending) as pending_subscriptions
    from judged
    group by plan, renewal_number
),

final as (
    select
        plan,
        renewal_number,
        due_subscriptions,
        renewed_subscriptions,
        lapsed_subscriptions,
        pending_subscriptions,
        {{ ratio(
            'renewed_subscriptions',
            '(renewed_subscriptions + lapsed_subscriptions)'
        ) }} as renewal_rate
    from sums
)

select * from final

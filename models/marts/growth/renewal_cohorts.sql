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
        is_settled
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

{# Stripe may yet collect as long as the subscription runs and the bill for the next period is not settled. #}
judged as (
    select
        due.renewal_number,
        coalesce(states.plan, 'unknown') as plan,
        due.is_renewed,
        not due.is_renewed
        and coalesce(last_states.status in ('active', 'past_due'), false)
        and not due.is_next_settled as is_pending
    from due
    left join states
        on
            due.subscription_id = states.subscription_id
            and due.period_ends_at > states.starts_at
            and (due.period_ends_at <= states.ends_at or states.ends_at is null)
    left join states as last_states
        on
            due.subscription_id = last_states.subscription_id
            and last_states.ends_at is null
    where due.lapses_before = 0
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

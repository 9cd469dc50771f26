{#
    Each paid period that is over was up for renewal; a paid period that begins on the day it ends is the renewal. The
    first time none follows, the subscription leaves its cohort.
#}

with

periods as (
    select
        subscription_id,
        period_starts_at,
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

followed as (
    select
        subscription_id,
        period_ends_at,
        starts_date,
        ends_date,
        lag(ends_date) over history as ends_date_before,
        lead(starts_date) over history as starts_date_after
    from periods
    where is_paid
    window history as (partition by subscription_id order by period_starts_at)
),

{# Whether it follows the one before, and whether another takes its place before it ends, as when the interval changes. #}
placed as (
    select
        *,
        sum(case when starts_date > ends_date_before then 1 else 0 end) over (
            partition by subscription_id
            order by starts_date, period_ends_at
        ) as lapses_before,
        coalesce(starts_date_after < ends_date, false) as is_replaced
    from followed
),

due as (
    select
        subscription_id,
        period_ends_at,
        ends_date,
        coalesce(starts_date_after = ends_date, false) as is_renewed,
        row_number() over (
            partition by subscription_id
            order by starts_date, period_ends_at
        ) as renewal_number
    from placed
    where not is_replaced and lapses_before = 0
),

{# Stripe may yet collect as long as the subscription runs and the bill for the next period is not settled. #}
judged as (
    select
        due.renewal_number,
        coalesce(states.plan, 'unknown') as plan,
        due.is_renewed,
        not due.is_renewed
        and coalesce(last_states.status in ('active', 'past_due'), false)
        and not coalesce(bool_or(following.is_settled), false) as is_pending
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
    left join periods as following
        on
            due.subscription_id = following.subscription_id
            and due.ends_date = following.starts_date
    where due.period_ends_at <= {{ now_at() }}
    group by
        due.subscription_id,
        due.renewal_number,
        states.plan,
        due.is_renewed,
        last_states.status
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

{#
    Each account's MRR at the end of each month against the month before, by currency. What a movement is called is
    decided for the account as a whole: a second currency is an expansion, the loss of one of two a contraction.
#}

with

months as (
    select
        account_id,
        currency,
        month,
        mrr,
        plan
    from {{ ref('int_subscription_months') }}
),

plans as (
    select
        account_id,
        currency,
        month,
        plan,
        sum(mrr) as mrr
    from months
    group by account_id, currency, month, plan
),

held as (
    select
        account_id,
        currency,
        month,
        round(sum(mrr), 10) as mrr,
        {{ first_of('plan', 'mrr desc, plan') }} as plan
    from plans
    group by account_id, currency, month
),

followed as (
    select
        *,
        lead(month) over (
            partition by account_id, currency
            order by month
        ) as month_after
    from held
),

{# After the last month of a run comes one in which there is nothing any more. #}
with_ends as (
    select
        followed.account_id,
        followed.currency,
        told.month,
        told.mrr,
        followed.plan,
        told.is_held
    from followed
    cross join lateral (  -- noqa: ST05
        select
            followed.month,
            followed.mrr,
            true as is_held
        union all
        select
            {{ next_month('followed.month') }} as month,
            0 as mrr,
            false as is_held
        where
            followed.month_after is distinct from {{ next_month('followed.month') }}
            and followed.month < {{ utc_month(now_at()) }}
    ) as told
),

compared as (
    select
        account_id,
        currency,
        month,
        plan,
        mrr,
        is_held,
        case
            when lag(month) over history = {{ add_months('month', -1) }}
                then lag(mrr) over history
            else 0
        end as opening
    from with_ends
    window history as (partition by account_id, currency order by month)
),

of_accounts as (
    select
        *,
        min(month) filter (where mrr > 0) over (partition by account_id)
            as first_paid_month,
        bool_or(is_held) over (partition by account_id, month) as is_held_anyhow,
        bool_or(mrr > 0) over (partition by account_id, month) as is_paying_anyhow
    from compared
),

runs as (
    select
        *,
        {{ month_run('month', 'account_id, is_held_anyhow') }} as run
    from of_accounts
),

{#
    With free plans kept: within an unbroken run of months with any subscription, an account is a customer from its first
    paid month in that run on.
#}
customers as (
    select
        *,
        is_held_anyhow
        and bool_or(is_paying_anyhow) over (
            partition by account_id, is_held_anyhow, run
            order by month
        ) as is_customer
    from runs
),

followed_customers as (
    select
        *,
        max(month) filter (where is_customer) over (
            partition by account_id
            order by month
            groups between unbounded preceding and 1 preceding
        ) as last_month_as_customer
    from customers
),

final as (
    select
        account_id,
        currency,
        month,
        plan,
        opening::numeric(28, 10) as opening,
        mrr::numeric(28, 10) as mrr,
        first_paid_month,
        is_held,
        is_customer,
        coalesce(last_month_as_customer = {{ add_months('month', -1) }}, false)
            as was_customer
    from followed_customers
    where month >= first_paid_month and (is_held or opening > 0 or not is_customer)
)

select * from final

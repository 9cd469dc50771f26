{# Month by month the accounts with a charge, and over all months each of them new exactly once. #}

with

charged as (
    select
        {{ utc_month('transaction_at') }} as month,
        count(distinct account_id) as accounts
    from {{ ref('transactions') }}
    where transaction_type = 'charge' and transaction_at <= {{ now_at() }}
    group by {{ utc_month('transaction_at') }}
),

ever_charged as (
    select count(distinct transactions.account_id) as accounts
    from {{ ref('transactions') }} as transactions
    inner join {{ ref('util_months') }} as months
        on {{ utc_month('transactions.transaction_at') }} = months.month
    where
        transactions.transaction_type = 'charge'
        and transactions.transaction_at <= {{ now_at() }}
),

new_ones as (
    select coalesce(sum(new_accounts), 0) as accounts
    from {{ ref('activity_months') }}
)

select
    activity.month,
    activity.active_accounts,
    coalesce(charged.accounts, 0) as expected_accounts
from {{ ref('activity_months') }} as activity
left join charged on activity.month = charged.month
where activity.active_accounts <> coalesce(charged.accounts, 0)
union all
select
    null as month,
    new_ones.accounts as active_accounts,
    ever_charged.accounts as expected_accounts
from new_ones
cross join ever_charged
where new_ones.accounts <> ever_charged.accounts

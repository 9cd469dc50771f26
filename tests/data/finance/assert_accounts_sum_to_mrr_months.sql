{# The sum of accounts is the total: in each currency, and in dollars; both at the end of a month and before it. #}

with

accounts as (
    select
        month,
        currency,
        sum(opening) as opening,
        sum(movement) as movement,
        0 as fx,
        sum(mrr) as closing
    from {{ ref('account_months') }}
    group by month, currency
    union all
    select
        month,
        'all' as currency,
        coalesce(sum(opening_usd), 0) as opening,
        coalesce(sum(movement_usd), 0) as movement,
        coalesce(sum(fx_usd), 0) as fx,
        coalesce(sum(mrr_usd), 0) as closing
    from {{ ref('account_months') }}
    group by month
)

select
    coalesce(accounts.month, totals.month) as month,
    coalesce(accounts.currency, totals.currency) as currency,
    accounts.closing as closing_of_accounts,
    totals.closing
from accounts
full outer join {{ ref('mrr_months') }} as totals
    on accounts.month = totals.month and accounts.currency = totals.currency
where
    coalesce(accounts.opening, 0) is distinct from totals.opening
    or coalesce(accounts.fx, 0) is distinct from totals.fx
    or coalesce(accounts.closing, 0) is distinct from totals.closing
    or coalesce(accounts.movement, 0) is distinct from
    totals.new + totals.expansion + totals.contraction + totals.churn
    + totals.reactivation

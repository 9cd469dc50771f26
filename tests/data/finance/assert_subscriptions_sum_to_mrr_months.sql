{# MRR counted anew, without accounts and movements: the subscriptions that run at a month's last instant. #}

with

totals as (
    select *
    from {{ ref('mrr_months') }}
    where currency <> 'all'
),

subscriptions as (
    select
        months.month,
        coalesce(periods.currency, 'unknown') as currency,
        sum(periods.mrr) as mrr
    from {{ ref('util_months') }} as months
    inner join {{ ref('subscription_periods') }} as periods
        on
            months.ends_at > periods.starts_at
            and (periods.ends_at is null or months.ends_at <= periods.ends_at)
    where periods.mrr > 0
    group by months.month, coalesce(periods.currency, 'unknown')
)

select
    coalesce(subscriptions.month, totals.month) as month,
    coalesce(subscriptions.currency, totals.currency) as currency,
    subscriptions.mrr,
    totals.closing
from subscriptions
full outer join totals
    on
        subscriptions.month = totals.month
        and subscriptions.currency = totals.currency
where
    abs(coalesce(subscriptions.mrr, 0) - coalesce(totals.closing, 0))
    > 0.000001 * (1 + coalesce(totals.closing_accounts, 0))

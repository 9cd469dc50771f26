{# Revenue and the sum of MRR over all accounts are those of finance, in dollars. #}

with

lifetimes as (
    select
        coalesce(sum(revenue_ltv_usd), 0) as revenue,
        coalesce(sum(mrr_sum_usd), 0) as mrr
    from {{ ref('account_lifetimes') }}
),

revenue as (
    select coalesce(sum(recognized), 0) as revenue
    from {{ ref('revenue_months') }}
    where currency = 'all'
),

mrr as (
    select coalesce(sum(closing), 0) as mrr
    from {{ ref('mrr_months') }}
    where currency = 'all'
)

select
    lifetimes.revenue as lifetimes_revenue,
    revenue.revenue,
    lifetimes.mrr as lifetimes_mrr,
    mrr.mrr
from lifetimes
cross join revenue
cross join mrr
where lifetimes.revenue <> revenue.revenue or lifetimes.mrr <> mrr.mrr

{# Who has left by the month of now pays nothing there, and who pays there has not left. #}

with

last_month as (
    select max(month) as month
    from {{ ref('util_months') }}
),

now_paying as (
    select
        account_months.account_id,
        sum(account_months.mrr) as mrr
    from {{ ref('account_months') }} as account_months
    inner join last_month on account_months.month = last_month.month
    group by account_months.account_id
)

select
    lifetimes.account_id,
    lifetimes.is_paying,
    now_paying.mrr
from {{ ref('account_lifetimes') }} as lifetimes
left join now_paying on lifetimes.account_id = now_paying.account_id
where
    lifetimes.is_paying <> (coalesce(now_paying.mrr, 0) > 0)
    or (not lifetimes.is_paying and lifetimes.estimated_remaining_usd <> 0)

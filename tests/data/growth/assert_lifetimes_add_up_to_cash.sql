{# What accounts and guests have paid net is the net of all months, but for the rounding of dollars. #}

with

lifetimes as (
    select coalesce(sum(net_cash_ltv_usd), 0) as net
    from {{ ref('account_lifetimes') }}
),

guests as (
    select coalesce(sum(transactions.net_amount * rates.rate_to_usd), 0) as net
    from {{ ref('transactions') }} as transactions
    inner join {{ ref('exchange_rates') }} as rates
        on
            transactions.currency = rates.currency
            and {{ utc_month('transactions.transaction_at') }} = rates.month
    where
        transactions.account_id is null
        and transactions.transaction_at <= {{ now_at() }}
),

cash as (
    select coalesce(sum(net), 0) as net
    from {{ ref('cash_months') }}
    where currency = 'all'
)

select
    lifetimes.net as lifetimes_net,
    guests.net as guests_net,
    cash.net as cash_net
from lifetimes
cross join guests
cross join cash
where abs(lifetimes.net + guests.net - cash.net) >= 0.01

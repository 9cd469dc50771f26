{# Every transaction but payouts, up to now, is in exactly one month: nothing lies before the first or after the last. #}

with

transactions as (
    select
        currency,
        sum(net_amount) as net,
        sum(amount) filter (where transaction_type = 'charge') as gross_charges
    from {{ ref('transactions') }}
    where transaction_type <> 'payout' and transaction_at <= {{ now_at() }}
    group by currency
),

months as (
    select
        currency,
        sum(net) as net,
        sum(gross_charges) as gross_charges
    from {{ ref('cash_months') }}
    where currency <> 'all'
    group by currency
)

select
    coalesce(transactions.currency, months.currency) as currency,
    transactions.net as net_of_transactions,
    months.net
from transactions
full outer join months on transactions.currency = months.currency
where
    coalesce(transactions.net, 0) <> coalesce(months.net, 0)
    or coalesce(transactions.gross_charges, 0) <> coalesce(months.gross_charges, 0)

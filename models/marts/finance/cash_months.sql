{# What came in and went out by month, in each currency, and in dollars at the month's rate over all of them. #}

{% set kinds = {
    'charge': 'gross_charges', 'out_of_band_payment': 'out_of_band', 'refund': 'refunds',
    'dispute': 'disputes_opened', 'dispute_won': 'disputes_won', 'dispute_lost': 'disputes_lost',
} -%}

with

months as (
    select month
    from {{ ref('util_months') }}
),

movements as (
    select
        {{ utc_month('transaction_at') }} as month,
        currency,
        transaction_type,
        sum(amount) as amount,
        sum(net_amount) as net_amount
    from {{ ref('transactions') }}
    where transaction_type <> 'payout' and transaction_at <= {{ now_at() }}
    group by {{ utc_month('transaction_at') }}, currency, transaction_type
),

rates as (
    select
        currency,
        month,
        rate_to_usd
    from {{ ref('exchange_rates') }}
),

measured as (
    select
        month,
        currency,
        transaction_type,
        amount,
        net_amount,
        false as is_unconverted
    from movements
    union all
    select
        movements.month,
        'all' as currency,
        movements.transaction_type,
        round(movements.amount * rates.rate_to_usd, 10) as amount,
        round(movements.net_amount * rates.rate_to_usd, 10) as net_amount,
        rates.rate_to_usd is null as is_unconverted
    from movements
    left join rates
        on
            movements.currency = rates.currency
            and movements.month = rates.month
),

currencies as (
    select distinct currency
    from movements
    union all
    select 'all' as currency
),

grid as (
    select
        currencies.currency,
        months.month
    from months
    cross join currencies
),

final as (
    select
        grid.month,
        grid.currency,
        {% for type, name in kinds.items() -%}
        coalesce(
            sum(measured.amount) filter (
                where measured.transaction_type = '{{ type }}'
            ),
            0
        )::numeric(28, 10) as {{ name }},
        {% endfor -%}
        coalesce(sum(measured.net_amount), 0)::numeric(28, 10) as net,
        coalesce(bool_or(measured.is_unconverted), false) as has_unconverted
    from grid
    left join measured
        on
            grid.currency = measured.currency
            and grid.month = measured.month
    group by grid.month, grid.currency
)

select * from final

{# A month without a rate takes the latest earlier one. Before a currency's first rate there is none to take. #}

with

months as (
    select month
    from {{ ref('util_months') }}
),

rates as (
    select
        currency,
        month,
        rate_to_usd
    from {{ ref('stg_finance__exchange_rates') }}
    where is_current and currency <> 'usd'
),

lasting as (
    select
        currency,
        month as rate_month,
        rate_to_usd,
        lead(month) over (
            partition by currency
            order by month
        ) as next_rate_month
    from rates
),

final as (
    select
        lasting.currency,
        months.month,
        lasting.rate_to_usd::numeric(38, 20) as rate_to_usd,
        lasting.rate_month
    from lasting
    inner join months
        on
            lasting.rate_month <= months.month
            and (
                lasting.next_rate_month is null
                or lasting.next_rate_month > months.month
            )
    union all
    select
        'usd' as currency,
        month,
        1::numeric(38, 20) as rate_to_usd,
        month as rate_month
    from months
)

select * from final

{#
    What was billed, earned and is still owed in service, by month, in each currency and in dollars over all of them. In
    dollars what is deferred is worth what this month's rate makes it; what only the rate changed stands apart.
#}

with

months as (
    select month
    from {{ ref('util_months') }}
),

account_months as (
    select
        month,
        currency,
        billed,
        recognized,
        deferred_closing,
        billed_usd,
        recognized_usd,
        deferred_closing_usd
    from {{ ref('account_revenue_months') }}
),

measured as (
    select
        month,
        currency,
        billed,
        recognized,
        deferred_closing,
        false as is_unconverted
    from account_months
    union all
    select
        month,
        'all' as currency,
        billed_usd as billed,
        recognized_usd as recognized,
        deferred_closing_usd as deferred_closing,
        deferred_closing_usd is null as is_unconverted
    from account_months
),

currencies as (
    select distinct currency
    from account_months
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

sums as (
    select
        grid.month,
        grid.currency,
        coalesce(sum(measured.billed), 0) as billed,
        coalesce(sum(measured.recognized), 0) as recognized,
        coalesce(sum(measured.deferred_closing), 0) as deferred_closing,
        coalesce(bool_or(measured.is_unconverted), false) as has_unconverted
    from grid
    left join measured
        on
            grid.currency = measured.currency
            and grid.month = measured.month
    group by grid.month, grid.currency
),

opened as (
    select
        *,
        lag(deferred_closing, 1, 0::numeric) over (
            partition by currency
            order by month
        ) as deferred_opening
    from sums
),

final as (
    select
        month,
        currency,
        deferred_opening::numeric(28, 10) as deferred_opening,
        billed::numeric(28, 10) as billed,
        recognized::numeric(28, 10) as recognized,
        (deferred_closing - deferred_opening - billed + recognized)::numeric(28, 10)
            as fx,
        deferred_closing::numeric(28, 10) as deferred_closing,
        has_unconverted
    from opened
)

select * from final

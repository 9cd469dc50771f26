{#
    What each account was billed and what of it was earned, by month. Of a line a month earns what is earned by the
    month's end less what was earned before it, so that the months add up to the line, to the last digit. The month of
    now earns up to the day of now, that day included.
#}

{% set days = days_between('lines.first_date', add_days('lines.last_date', 1)) -%}
{% set days_before = 'case
    when months.month = lines.first_month then 0
    else ' ~ days_between('lines.first_date', 'months.month') ~ '
end' -%}
{% set days_by_end -%}
greatest(least(
    {{ days }},
    {{ days_between('lines.first_date', 'least(' ~ next_month('months.month') ~ ', bounds.ends_date)') }}
), 0)
{%- endset -%}

with

bounds as (
    select
        min(month) as first_month,
        max(month) as last_month,
        {{ add_days(utc_date(now_at()), 1) }} as ends_date
    from {{ ref('util_months') }}
),

{# What lies before the first month with data is told in that one. #}
lines as (
    select
        revenue_lines.account_id,
        revenue_lines.currency,
        revenue_lines.amount,
        revenue_lines.first_date,
        revenue_lines.last_date,
        greatest(
            {{ utc_month('revenue_lines.billed_at') }}, bounds.first_month
        ) as billed_month,
        greatest(
            {{ utc_month(utc_start('revenue_lines.first_date')) }},
            bounds.first_month
        ) as first_month,
        least(
            greatest(
                {{ utc_month(utc_start('revenue_lines.last_date')) }},
                bounds.first_month
            ),
            bounds.last_month
        ) as last_month
    from {{ ref('revenue_lines') }} as revenue_lines
    cross join bounds
    where revenue_lines.account_id is not null
),

rates as (
    select
        currency,
        month,
        rate_to_usd
    from {{ ref('exchange_rates') }}
),

parts as (
    select
        account_id,
        currency,
        billed_month as month,
        amount as billed,
        0 as recognized
    from lines
    union all
    select
        lines.account_id,
        lines.currency,
        months.month,
        0 as billed,
        round(lines.amount * ({{ days_by_end }}) / {{ days }}, 10)
        - round(lines.amount * ({{ days_before }}) / {{ days }}, 10) as recognized
    from lines
    cross join bounds
    cross join lateral {{ month_series('lines.first_month', 'lines.last_month') }}
        as months (month)
),

sums as (
    select
        account_id,
        currency,
        month,
        sum(billed) as billed,
        sum(recognized) as recognized
    from parts
    group by account_id, currency, month
),

beginnings as (
    select
        account_id,
        currency,
        min(month) as first_month
    from sums
    group by account_id, currency
),

grid as (
    select
        beginnings.account_id,
        beginnings.currency,
        months.month
    from beginnings
    inner join {{ ref('util_months') }} as months
        on beginnings.first_month <= months.month
),

balanced as (
    select
        grid.account_id,
        grid.currency,
        grid.month,
        rates.rate_to_usd,
        coalesce(sums.billed, 0) as billed,
        coalesce(sums.recognized, 0) as recognized,
        sum(coalesce(sums.billed, 0) - coalesce(sums.recognized, 0)) over (
            partition by grid.account_id, grid.currency
            order by grid.month
        ) as deferred_closing
    from grid
    left join sums
        on
            grid.account_id = sums.account_id
            and grid.currency = sums.currency
            and grid.month = sums.month
    left join rates
        on grid.currency = rates.currency and grid.month = rates.month
),

final as (
    select
        account_id,
        month,
        currency,
        billed::numeric(28, 10) as billed,
        recognized::numeric(28, 10) as recognized,
        deferred_closing::numeric(28, 10) as deferred_closing,
        (billed * rate_to_usd)::numeric(28, 10) as billed_usd,
        (recognized * rate_to_usd)::numeric(28, 10) as recognized_usd,
        (deferred_closing * rate_to_usd)::numeric(28, 10) as deferred_closing_usd
    from balanced
    where billed <> 0 or recognized <> 0 or deferred_closing <> 0
)

select * from final

{#
    What each account was billed and what of it was earned, by month. Of a line a month earns what is earned by the
    month's end less what was earned before it, so that the months add up to the line, to the last digit. The month of
    now earns up to the day of now, that day included.
#}

{{ config(
    part=['account_id', 'month'],
    pre_hook="{{ note_part() }}",
) }}

{% set of_touched_account = in_touched_parts('lines.account_id::text') -%}
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

{# From which month on something of every account is made. #}
open_months as (
    select min(month) as first_month
    from {{ ref('util_months') }}
    where {{ in_touched_parts('month::text') }}
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

{#
    In each month from the first to the last in which something of a line is still to be billed or earned. That a line
    has such a month is asked first, as most are over.
#}
parts as (
    select
        lines.account_id,
        lines.currency,
        months.month,
        case when months.month = lines.billed_month then lines.amount else 0 end
            as billed,
        case when months.month >= lines.billed_month then lines.amount else 0 end
            as billed_by_end,
        case
            when months.month between lines.first_month and lines.last_month
                then round(lines.amount * ({{ days_before }}) / {{ days }}, 10)
            else 0
        end as earned_before,
        case
            when months.month < lines.first_month then 0
            when months.month > lines.last_month then lines.amount
            else round(lines.amount * ({{ days_by_end }}) / {{ days }}, 10)
        end as earned_by_end,
        months.month between lines.first_month and lines.last_month as is_earned_in
    from lines
    cross join bounds
    cross join open_months
    cross join lateral {{ month_series(
        'least(lines.billed_month, lines.first_month)',
        'greatest(lines.billed_month, lines.last_month)'
    ) }} as months (month)
    where
        (
            {{ of_touched_account }}
            or greatest(lines.billed_month, lines.last_month)
            >= open_months.first_month
        )
        and ({{ of_touched_account }} or months.month >= open_months.first_month)
),

sums as (
    select
        account_id,
        currency,
        month,
        sum(billed) as billed,
        coalesce(
            sum(earned_by_end - earned_before) filter (where is_earned_in),
            0
        ) as recognized,
        sum(billed_by_end - earned_by_end) as deferred_closing
    from parts
    group by account_id, currency, month
),

balanced as (
    select
        sums.*,
        rates.rate_to_usd
    from sums
    left join rates
        on sums.currency = rates.currency and sums.month = rates.month
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

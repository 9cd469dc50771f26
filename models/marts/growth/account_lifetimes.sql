{#
    What each account has brought so far, in cash and in revenue, and what it is expected to bring. Everything in
    dollars at the rate of the month in which it happened; MRR that is to come at the rate of the month of now.
#}

{% set kinds = {
    "'charge', 'out_of_band_payment'": 'gross_paid_usd', "'refund'": 'refunds_usd',
    "'dispute'": 'disputes_opened_usd', "'dispute_won'": 'disputes_won_usd', "'dispute_lost'": 'disputes_lost_usd',
} -%}

with

months as (
    select month
    from {{ ref('util_months') }}
),

last_month as (
    select max(month) as month
    from months
),

rates as (
    select
        currency,
        month,
        rate_to_usd
    from {{ ref('exchange_rates') }}
),

movements as (
    select
        account_id,
        {{ utc_month('transaction_at') }} as month,
        currency,
        transaction_type,
        sum(amount) as amount,
        sum(net_amount) as net_amount
    from {{ ref('transactions') }}
    where
        account_id is not null
        and transaction_type <> 'payout'
        and transaction_at <= {{ now_at() }}
    group by account_id, {{ utc_month('transaction_at') }}, currency, transaction_type
),

{# Null where there is some of it and no rate for any; 0 where there is none. #}
cash as (
    select
        movements.account_id,
        {% for types, name in kinds.items() -%}
        {% set is_such = 'movements.transaction_type in (' ~ types ~ ')' -%}
        coalesce(
            sum(round(movements.amount * rates.rate_to_usd, 10))
            filter (where {{ is_such }}),
            case when not bool_or({{ is_such }}) then 0 end
        ) as {{ name }},
        {% endfor -%}
        coalesce(
            sum(round(movements.net_amount * rates.rate_to_usd, 10))
            filter (where movements.net_amount <> 0),
            case when not bool_or(movements.net_amount <> 0) then 0 end
        ) as net_usd,
        min(movements.month) filter (
            where movements.transaction_type in ('charge', 'out_of_band_payment')
        ) as first_payment_month,
        max(movements.month) filter (
            where movements.transaction_type in ('charge', 'out_of_band_payment')
        ) as last_payment_month,
        bool_or(rates.rate_to_usd is null) as has_unconverted
    from movements
    inner join months on movements.month = months.month
    left join rates
        on
            movements.currency = rates.currency
            and movements.month = rates.month
    group by movements.account_id
),

revenue as (
    select
        account_id,
        coalesce(
            sum(recognized_usd) filter (where recognized <> 0),
            case when not bool_or(recognized <> 0) then 0 end
        ) as revenue_usd,
        bool_or(recognized_usd is null) as has_unconverted
    from {{ ref('account_revenue_months') }}
    group by account_id
),

subscribed as (
    select
        account_months.account_id,
        min(account_months.first_paid_month) as first_paid_month,
        max(account_months.month) filter (where account_months.mrr > 0)
            as last_mrr_month,
        count(distinct account_months.month) filter (where account_months.mrr > 0)
            as mrr_months,
        sum(account_months.mrr_usd) filter (where account_months.mrr > 0)
            as mrr_sum_usd,
        bool_or(account_months.mrr_usd is null) as has_unconverted,
        coalesce(bool_or(account_months.mrr > 0) filter (
            where account_months.month = last_month.month
        ), false) as is_paying,
        case
            when bool_or(account_months.mrr_usd is null) filter (
                where account_months.month = last_month.month
            ) then null
            else coalesce(sum(account_months.mrr_usd) filter (
                where account_months.month = last_month.month
            ), 0)
        end as current_mrr_usd
    from {{ ref('account_months') }} as account_months
    cross join last_month
    group by account_months.account_id
),

running as (
    select
        account_id,
        (paying_months - 1)::integer as age_months
    from {{ ref('int_paying_spells') }}
    where is_running
),

ahead as (
    select
        age_months,
        horizon_months,
        observed_months,
        expected_months,
        lower_months,
        upper_months
    from {{ ref('int_remaining_months') }}
),

accounts as (
    select account_id
    from cash
    union
    select account_id
    from revenue
    union
    select account_id
    from subscribed
),

united as (
    select
        accounts.account_id,
        subscribed.first_paid_month,
        cash.first_payment_month,
        greatest(cash.last_payment_month, subscribed.last_mrr_month)
            as last_active_month,
        {{ months_between(
            'least(cash.first_payment_month, subscribed.first_paid_month)',
            'greatest(cash.last_payment_month, subscribed.last_mrr_month)'
        ) }} + 1 as active_span_months,
        {% for name in (kinds.values() | list) + ['net_usd'] -%}
        case when cash.account_id is null then 0 else cash.{{ name }} end as {{ name }},
        {% endfor -%}
        coalesce(cash.has_unconverted, false)
        or coalesce(revenue.has_unconverted, false)
        or coalesce(subscribed.has_unconverted, false) as has_unconverted,
        case when revenue.account_id is null then 0 else revenue.revenue_usd end
            as revenue_usd,
        coalesce(subscribed.mrr_months, 0) as mrr_months,
        case
            when subscribed.account_id is null then 0
            else subscribed.mrr_sum_usd
        end as mrr_sum_usd,
        coalesce(subscribed.is_paying, false) as is_paying,
        case
            when subscribed.account_id is null then 0
            else subscribed.current_mrr_usd
        end as current_mrr_usd,
        running.age_months,
        1 + beginners.expected_months as expected_lifetime_months,
        case when running.account_id is not null then ahead.observed_months else 0 end
            as observed_months,
        case when running.account_id is not null then ahead.expected_months else 0 end
            as remaining_months,
        case when running.account_id is not null then ahead.lower_months else 0 end
            as lower_months,
        case when running.account_id is not null then ahead.upper_months else 0 end
            as upper_months
    from accounts
    left join cash on accounts.account_id = cash.account_id
    left join revenue on accounts.account_id = revenue.account_id
    left join subscribed on accounts.account_id = subscribed.account_id
    left join running on accounts.account_id = running.account_id
    left join ahead on running.age_months = ahead.age_months
    left join ahead as beginners on beginners.age_months = 0
),

final as (
    select
        account_id,
        first_paid_month,
        first_payment_month,
        last_active_month,
        active_span_months,
        {% for name in kinds.values() -%}
        {{ name }}::numeric(28, 10) as {{ name }},
        {% endfor -%}
        net_usd::numeric(28, 10) as net_cash_ltv_usd,
        revenue_usd::numeric(28, 10) as revenue_ltv_usd,
        mrr_months,
        mrr_sum_usd::numeric(28, 10) as mrr_sum_usd,
        has_unconverted,
        {{ ratio('gross_paid_usd', 'active_span_months') }} as spend_per_month_usd,
        expected_lifetime_months::numeric(28, 10) as expected_lifetime_months,
        (
            {{ ratio('gross_paid_usd', 'active_span_months') }}
            * expected_lifetime_months
        )::numeric(28, 10) as spend_ltv_usd,
        is_paying,
        age_months,
        current_mrr_usd::numeric(28, 10) as current_mrr_usd,
        {{ var('lifetime_horizon_months') | int }} as horizon_months,
        observed_months,
        remaining_months::numeric(28, 10) as remaining_months,
        (remaining_months * current_mrr_usd)::numeric(28, 10)
            as estimated_remaining_usd,
        (lower_months * current_mrr_usd)::numeric(28, 10)
            as estimated_remaining_lower_usd,
        (upper_months * current_mrr_usd)::numeric(28, 10)
            as estimated_remaining_upper_usd
    from united
)

select * from final

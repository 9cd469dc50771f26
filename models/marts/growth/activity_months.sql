{#
    Who paid in which month, told by successful charges alone. Months are compared as dates, so that January follows
    December.
#}

with

months as (
    select
        month,
        ends_at
    from {{ ref('util_months') }}
),

charges as (
    select
        account_id,
        {{ utc_month('transaction_at') }} as month,
        currency,
        sum(amount) as amount
    from {{ ref('transactions') }}
    where
        transaction_type = 'charge'
        and account_id is not null
        and transaction_at <= {{ now_at() }}
    group by account_id, {{ utc_month('transaction_at') }}, currency
),

rates as (
    select
        currency,
        month,
        rate_to_usd
    from {{ ref('exchange_rates') }}
),

active as (
    select
        charges.account_id,
        charges.month,
        bool_or(rates.rate_to_usd is null) as is_unconverted,
        sum(round(charges.amount * rates.rate_to_usd, 10)) as charged_usd
    from charges
    inner join months on charges.month = months.month
    left join rates
        on
            charges.currency = rates.currency
            and charges.month = rates.month
    group by charges.account_id, charges.month
),

compared as (
    select
        *,
        lag(month) over history as month_before,
        lead(month) over history as month_after,
        bool_or(extract(month from month) = 1) over (
            partition by account_id, extract(year from month)
        ) as has_paid_in_january
    from active
    window history as (partition by account_id order by month)
),

sums as (
    select
        month,
        count(*) as active_accounts,
        count(*) filter (where month_before is null) as new_accounts,
        count(*) filter (where month_before = {{ add_months('month', -1) }})
            as retained_accounts,
        count(*) filter (where month_before < {{ add_months('month', -1) }})
            as returning_accounts,
        count(*) filter (where month_after is distinct from {{ next_month('month') }})
            as lost_accounts,
        count(*) filter (where extract(month from month) = 1) as january_payers,
        count(*) filter (where has_paid_in_january) as returned_from_january,
        count(*) filter (where is_unconverted) as unconverted_accounts,
        sum(charged_usd) filter (where not is_unconverted) as converted_usd,
        sum(charged_usd) as charged_usd
    from compared
    group by month
),

{# Who paid in a month and not in the next one is lost in the next one. #}
filled as (
    select
        months.month,
        months.ends_at <= {{ now_at() }} as is_complete,
        coalesce(sums.active_accounts, 0) as active_accounts,
        coalesce(lag(sums.active_accounts) over (order by months.month), 0)
            as previous_accounts,
        coalesce(sums.new_accounts, 0) as new_accounts,
        coalesce(sums.retained_accounts, 0) as retained_accounts,
        coalesce(sums.returning_accounts, 0) as returning_accounts,
        coalesce(lag(sums.lost_accounts) over (order by months.month), 0)
            as churned_accounts,
        coalesce(max(sums.january_payers) over (
            partition by extract(year from months.month)
        ), 0) as january_accounts,
        coalesce(sums.returned_from_january, 0) as returned_from_january,
        coalesce(sums.unconverted_accounts, 0) as unconverted_accounts,
        case when sums.month is null then 0 else sums.charged_usd end as charged_usd,
        {{ ratio(
            'sums.converted_usd',
            '(sums.active_accounts - sums.unconverted_accounts)'
        ) }} as arpu_usd
    from months
    left join sums on months.month = sums.month
),

{# The month of now still runs: who has not paid in it yet has not left. #}
averaged as (
    select
        *,
        {{ ratio(
            'sum(churned_accounts) filter (where is_complete) over so_far',
            'sum(previous_accounts) filter (where is_complete) over so_far'
        ) }} as average_churn_rate
    from filled
    window so_far as (order by month)
),

final as (
    select
        month,
        is_complete,
        active_accounts,
        new_accounts,
        retained_accounts,
        returning_accounts,
        churned_accounts,
        {{ ratio('churned_accounts', 'previous_accounts') }} as churn_rate,
        january_accounts,
        returned_from_january,
        charged_usd::numeric(28, 10) as charged_usd,
        unconverted_accounts,
        arpu_usd,
        average_churn_rate,
        {{ ratio('arpu_usd', 'average_churn_rate') }} as formula_ltv_usd
    from averaged
)

select * from final

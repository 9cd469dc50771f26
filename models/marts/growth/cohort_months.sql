{# Every cohort and every month since, also where nobody is left. #}

with

months as (
    select month
    from {{ ref('util_months') }}
),

account_months as (
    select
        account_id,
        month,
        first_paid_month as cohort_month,
        bool_or(mrr > 0) as is_paying,
        bool_or(mrr > 0 and mrr_usd is null) as is_unconverted,
        sum(mrr_usd) as mrr_usd
    from {{ ref('account_months') }}
    group by account_id, month, first_paid_month
),

sums as (
    select
        cohort_month,
        month,
        count(*) filter (where is_paying) as active_accounts,
        coalesce(sum(mrr_usd), 0) as mrr_usd,
        count(*) filter (where is_unconverted) as unconverted_accounts
    from account_months
    group by cohort_month, month
),

cohorts as (
    select
        cohort_month,
        active_accounts as cohort_accounts,
        mrr_usd as cohort_mrr_usd,
        unconverted_accounts as cohort_unconverted_accounts
    from sums
    where month = cohort_month
),

final as (
    select
        cohorts.cohort_month,
        {{ months_between('cohorts.cohort_month', 'months.month') }} as month_offset,
        months.month,
        cohorts.cohort_accounts,
        coalesce(sums.active_accounts, 0) as active_accounts,
        {{ ratio('coalesce(sums.active_accounts, 0)', 'cohorts.cohort_accounts') }}
            as logo_retention,
        cohorts.cohort_mrr_usd::numeric(28, 10) as cohort_mrr_usd,
        coalesce(sums.mrr_usd, 0)::numeric(28, 10) as mrr_usd,
        case
            when cohorts.cohort_unconverted_accounts = 0
                then {{ ratio('coalesce(sums.mrr_usd, 0)', 'cohorts.cohort_mrr_usd') }}
        end as revenue_retention,
        greatest(
            sums.unconverted_accounts, cohorts.cohort_unconverted_accounts
        ) as unconverted_accounts
    from cohorts
    inner join months on cohorts.cohort_month <= months.month
    left join sums
        on
            cohorts.cohort_month = sums.cohort_month
            and months.month = sums.month
)

select * from final

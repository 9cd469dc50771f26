{# The cohorts' MRR is all MRR of the month, and every account that ever had any is in exactly one cohort. #}

with

cohort_months as (
    select
        month,
        sum(mrr_usd) as mrr,
        sum(active_accounts) as accounts
    from {{ ref('cohort_months') }}
    group by month
),

paying as (
    select
        month,
        count(distinct account_id) as accounts
    from {{ ref('account_months') }}
    where mrr > 0
    group by month
),

cohorts as (
    select coalesce(sum(cohort_accounts), 0) as accounts
    from {{ ref('cohort_months') }}
    where month_offset = 0
),

ever_paid as (
    select count(distinct account_id) as accounts
    from {{ ref('account_months') }}
    where mrr > 0
)

select
    mrr_months.month,
    cohort_months.mrr,
    mrr_months.closing as expected_mrr,
    cohort_months.accounts,
    paying.accounts as expected_accounts
from {{ ref('mrr_months') }} as mrr_months
left join cohort_months on mrr_months.month = cohort_months.month
left join paying on mrr_months.month = paying.month
where
    mrr_months.currency = 'all'
    and (
        coalesce(cohort_months.mrr, 0) <> mrr_months.closing
        or coalesce(cohort_months.accounts, 0) <> coalesce(paying.accounts, 0)
    )
union all
select
    null as month,
    null as mrr,
    null as expected_mrr,
    cohorts.accounts,
    ever_paid.accounts as expected_accounts
from cohorts
cross join ever_paid
where cohorts.accounts <> ever_paid.accounts

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

final as (
    {{ cohort_cells() }}
)

select * from final

{# The cohorts of growth.cohort_months, divided: once by the plan they began with, once by the channel they came through. #}

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

{# Who begins in two currencies began with the plan that most of the dollars are of. #}
first_plans as (
    select
        account_id,
        {{ first_of('plan', 'mrr_usd desc nulls last, plan') }} as plan
    from {{ ref('account_months') }}
    where month = first_paid_month and mrr > 0
    group by account_id
),

segments as (
    select
        account_id,
        'plan' as segment_kind,
        plan as segment
    from first_plans
    union all
    select
        first_plans.account_id,
        'channel' as segment_kind,
        coalesce(channels.channel, 'unknown') as segment
    from first_plans
    left join {{ ref('int_account_channels') }} as channels
        on first_plans.account_id = channels.account_id
),

sums as (
    select
        segments.segment_kind,
        segments.segment,
        account_months.cohort_month,
        account_months.month,
        count(*) filter (where account_months.is_paying) as active_accounts,
        coalesce(sum(account_months.mrr_usd), 0) as mrr_usd,
        count(*) filter (where account_months.is_unconverted) as unconverted_accounts
    from account_months
    inner join segments on account_months.account_id = segments.account_id
    group by
        segments.segment_kind,
        segments.segment,
        account_months.cohort_month,
        account_months.month
),

cohorts as (
    select
        segment_kind,
        segment,
        cohort_month,
        active_accounts as cohort_accounts,
        mrr_usd as cohort_mrr_usd,
        unconverted_accounts as cohort_unconverted_accounts
    from sums
    where month = cohort_month
),

final as (
    select
        cohorts.segment_kind,
        cohorts.segment,
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
            cohorts.segment_kind = sums.segment_kind
            and cohorts.segment = sums.segment
            and cohorts.cohort_month = sums.cohort_month
            and months.month = sums.month
)

select * from final

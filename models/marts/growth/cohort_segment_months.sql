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

final as (
    {{ cohort_cells(by=['segment_kind', 'segment']) }}
)

select * from final

{# The segments of each kind are the whole cohort, month by month. #}

with

kinds as (
    select 'plan' as segment_kind
    union all
    select 'channel' as segment_kind
),

segments as (
    select
        segment_kind,
        cohort_month,
        month_offset,
        sum(cohort_accounts) as cohort_accounts,
        sum(active_accounts) as active_accounts,
        sum(cohort_mrr_usd) as cohort_mrr_usd,
        sum(mrr_usd) as mrr_usd
    from {{ ref('cohort_segment_months') }}
    group by segment_kind, cohort_month, month_offset
)

select
    kinds.segment_kind,
    cohorts.cohort_month,
    cohorts.month_offset,
    cohorts.mrr_usd,
    segments.mrr_usd as segments_mrr_usd
from {{ ref('cohort_months') }} as cohorts
cross join kinds
left join segments
    on
        kinds.segment_kind = segments.segment_kind
        and cohorts.cohort_month = segments.cohort_month
        and cohorts.month_offset = segments.month_offset
where
    cohorts.cohort_accounts is distinct from segments.cohort_accounts
    or cohorts.active_accounts is distinct from segments.active_accounts
    or cohorts.cohort_mrr_usd is distinct from segments.cohort_mrr_usd
    or cohorts.mrr_usd is distinct from segments.mrr_usd

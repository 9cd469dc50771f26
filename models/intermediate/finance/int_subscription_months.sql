{#
    Each subscription at the end of each month in which it counts: the span that covers the month's last instant. The
    month of now ends now. With a policy that keeps customers on free plans, also those that count 0.

    A table, as three models read it, and the planner must know how many months a span covers.
#}

{{ config(
    materialized='table',
    contract={'enforced': true},
    part='account_id',
    tells={'account_id': 'account_id', 'month': 'month'},
    indexes=[{'columns': ['account_id']}],
    pre_hook="{{ note_part() }}",
) }}

with

periods as (
    select
        subscription_id,
        starts_at,
        ends_at,
        account_id,
        currency,
        plan,
        list_mrr,
        mrr
    from {{ ref('subscription_periods') }}
    where
        account_id is not null
        and {{ in_touched_parts('account_id') }}
        {%- if policy('free_is_churn') %}
        and mrr > 0
        {%- else %}
        and {{ policy_counts() }}
        {%- endif %}
),

final as (
    select
        periods.subscription_id,
        months.month,
        periods.account_id,
        coalesce(periods.currency, 'unknown') as currency,
        coalesce(periods.plan, 'unknown') as plan,
        periods.list_mrr,
        periods.mrr,
        periods.starts_at
    from periods
    cross join lateral {{ month_series(
        utc_month('periods.starts_at'),
        "case
            when periods.ends_at is null then " ~ utc_month(now_at()) ~ "
            else " ~ add_months(utc_month('periods.ends_at'), -1) ~ "
        end"
    ) }} as months (month)
)

select * from final

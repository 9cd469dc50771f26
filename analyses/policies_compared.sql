{#
    Why do two policies differ? Every account and month in which MRR, or what its movement is called, is another under
    one policy than under the other, and what of its subscriptions is the reason. The tables hold what both need; nothing
    has to be built again. Run it: dogdb ask policies_compared --vars '{policies: [stripe, chartmogul]}'
#}

{% set policies = var('policies', ['stripe', 'chartmogul']) -%}
{% set one = policies[0] -%}
{% set other = policies[1] -%}
{% set statuses_one = policy('counted_statuses', one) -%}
{% set statuses_other = policy('counted_statuses', other) -%}

with

months as (
    select
        month,
        ends_at
    from {{ ref('util_months') }}
),

held as (
    select
        months.month,
        periods.account_id,
        periods.subscription_id,
        periods.currency,
        periods.status,
        periods.is_ending,
        periods.discounts,
        {{ policy_mrr(one, 'periods') }} as mrr_one,
        {{ policy_mrr(other, 'periods') }} as mrr_other,
        periods.status in ({{ texts(statuses_one) }})
            as is_held_one,
        periods.status in ({{ texts(statuses_other) }})
            as is_held_other
    from months
    inner join {{ ref('subscription_periods') }} as periods
        on
            months.ends_at > periods.starts_at
            and (periods.ends_at is null or months.ends_at <= periods.ends_at)
    where periods.status in ({{ texts(statuses_one + statuses_other) }})
),

reasons as (
    select
        *,
        case
            when round(mrr_one - mrr_other, 10) = 0 then null
            when is_held_one <> is_held_other
                then 'status ' || status || ' counts under one only'
            {%- if policy('churn_at', one) != policy('churn_at', other) %}
            when is_ending then 'its end was decided'
            {%- endif %}
            else 'discounts for a single invoice or for some months'
        end as reason
    from held
),

accounts as (
    select
        account_id,
        month,
        currency,
        round(sum(mrr_one), 10) as mrr_one,
        round(sum(mrr_other), 10) as mrr_other,
        bool_or(
            mrr_one > 0
            {%- if not policy('free_is_churn', one) %} or is_held_one{% endif %}
        ) as is_customer_one,
        bool_or(
            mrr_other > 0
            {%- if not policy('free_is_churn', other) %} or is_held_other{% endif %}
        ) as is_customer_other,
        string_agg(distinct reason, '; ') as reasons
    from reasons
    group by account_id, month, currency
),

{# Who never paid is no customer under either. #}
known as (
    select
        *,
        bool_or(mrr_one > 0) over until_then as has_paid_one,
        bool_or(mrr_other > 0) over until_then as has_paid_other
    from accounts
    window until_then as (partition by account_id order by month)
)

select
    account_id,
    month,
    currency,
    {{ shortest('mrr_one') }} as mrr_{{ one }},
    {{ shortest('mrr_other') }} as mrr_{{ other }},
    {{ shortest('mrr_other - mrr_one') }} as difference,
    is_customer_one and has_paid_one as is_customer_{{ one }},
    is_customer_other and has_paid_other as is_customer_{{ other }},
    coalesce(reasons, 'a plan or discount that leaves nothing to pay') as reasons
from known
where
    mrr_one <> mrr_other
    or (is_customer_one and has_paid_one) <> (is_customer_other and has_paid_other)
order by month, account_id, currency

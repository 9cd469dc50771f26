{#
    The months in which an account's or a subscription's row has changed, the month after, which opens with them, and that of
    the year after, which looks back on them. All where a plan came or went.
#}
{% macro plan_mrr_months__part() -%}
    {%- set subscription_months = ref('int_subscription_months') -%}
    {%- set touched -%}
        select later.month
        from (
            {{ told_by(ref('account_months'), 'month') }}
            union all
            {{ told_by(subscription_months, 'month') }}
        ) as changed (month)
        cross join lateral (
            select changed.month
            union all
            select {{ next_month('changed.month') }}
            union all
            select {{ add_months('changed.month', 12) }}
        ) as later (month)
        union all
        select month
        from {{ ref('util_months') }}
        where
            exists (select plan from {{ this }} except select plan from {{ subscription_months }})
            or exists (select plan from {{ subscription_months }} except select plan from {{ this }})
    {%- endset -%}
    {%- set key = part_key(
        tables=[ref('account_months'), subscription_months],
        inputs=[digest_of(ref('util_months'))],
    ) -%}
    {{ return({'key': key, 'touched': touched}) }}
{%- endmacro %}

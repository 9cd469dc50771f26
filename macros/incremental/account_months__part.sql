{#
    The accounts of which a subscription, theirs at whatever time, has another span or month. A new month, or a changed rate,
    concerns all of them.
#}
{% macro account_months__part() -%}
    {%- set touched -%}
        {{ told_by(ref('subscription_periods'), 'account_id') }}
        union all
        select periods.account_id
        from {{ ref('subscription_periods') }} as periods
        where periods.subscription_id in ({{ told_by(ref('subscription_periods'), 'subscription_id') }})
        union all
        {{ told_by(ref('int_subscription_months'), 'account_id') }}
    {%- endset -%}
    {%- set key = part_key(
        views=[ref('int_account_movements_named'), ref('int_mrr_changes_explained')],
        tables=[ref('subscription_periods'), ref('int_subscription_months')],
        inputs=[digest_of(ref('exchange_rates'))],
    ) -%}
    {{ return({'key': key, 'touched': touched}) }}
{%- endmacro %}

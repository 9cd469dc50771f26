{# The accounts of whose subscriptions a span has changed. A new month, or a changed rate, concerns all of them. #}
{% macro account_months__part() -%}
    {%- set key = part_key(
        views=[
            ref('int_subscription_months'),
            ref('int_account_movements_named'),
            ref('int_mrr_changes_explained'),
        ],
        tables=[ref('subscription_periods')],
        inputs=[digest_of(ref('exchange_rates'), 'currency, month')],
    ) -%}
    {{ return({'key': key, 'touched': told_by(ref('subscription_periods'), 'account_id')}) }}
{%- endmacro %}

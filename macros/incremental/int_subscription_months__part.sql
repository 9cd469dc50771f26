{# The accounts of whose subscriptions a span has changed. A new month concerns all of them. #}
{% macro int_subscription_months__part() -%}
    {%- set key = part_key(tables=[ref('subscription_periods')], inputs=[utc_month(now_at())]) -%}
    {{ return({'key': key, 'touched': told_by(ref('subscription_periods'), 'account_id')}) }}
{%- endmacro %}

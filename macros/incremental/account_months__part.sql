{# The accounts of whose subscriptions a span has changed. A new month, or a changed rate, concerns all of them. #}
{% macro account_months__part() -%}
    {%- set key = part_key(
        views=[
            ref('int_subscription_months'),
            ref('int_account_movements_named'),
            ref('int_mrr_changes_explained'),
        ],
        tables=[ref('subscription_periods')],
        inputs=[
            utc_month(now_at()),
            "(select md5(string_agg(rates::text, '|' order by rates.currency, rates.month)) from "
            ~ ref('exchange_rates') ~ " as rates)",
        ],
    ) -%}
    {{ return({'key': key, 'touched': accounts_told_by(ref('subscription_periods'))}) }}
{%- endmacro %}

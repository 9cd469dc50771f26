{# Whether a row of finance.subscription_periods counts under a policy; without `preset`: under the one that the vars name. #}
{% macro policy_counts(preset=none, periods='') -%}
    {%- set prefix = periods ~ '.' if periods else '' -%}
    {{ prefix }}status in ({{ texts(policy('counted_statuses', preset)) }})
    {%- if policy('churn_at', preset) == 'cancellation' %}
            and not {{ prefix }}is_ending
    {%- endif %}
{%- endmacro %}

{#
    What a row of finance.subscription_periods counts a month under a policy, in major units, in full precision. Without
    `preset`: under the policy that the vars name.
#}
{% macro policy_mrr(preset=none, periods='') -%}
    {%- set prefix = periods ~ '.' if periods else '' -%}
    case
        when
            {{ prefix }}status in ({{ texts(policy('counted_statuses', preset)) }})
            {%- if policy('churn_at', preset) == 'cancellation' %}
            and not {{ prefix }}is_ending
            {%- endif %}
            then {{ mrr_of(prefix ~ 'items', prefix ~ 'discounts', policy('counted_discounts', preset)) }}
        else 0
    end
{%- endmacro %}

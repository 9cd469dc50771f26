{#
    What a row of finance.subscription_periods counts a month under a policy, in major units, in full precision. Without
    `preset`: under the policy that the vars name.
#}
{% macro policy_mrr(preset=none, periods='') -%}
    {%- set prefix = periods ~ '.' if periods else '' -%}
    case
        when
            {{ policy_counts(preset, periods) }}
            then {{ mrr_of(prefix ~ 'items', prefix ~ 'discounts', policy('counted_discounts', preset)) }}
        else 0
    end
{%- endmacro %}

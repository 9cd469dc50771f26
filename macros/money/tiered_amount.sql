{# What a quantity costs by a price's tiers, in minor units; null where the tiers are not known. #}
{% macro tiered_amount(tiers, tiers_mode, quantity) %}
    {{- return(adapter.dispatch('tiered_amount')(tiers, tiers_mode, quantity)) -}}
{% endmacro %}

{% macro postgres__tiered_amount(tiers, tiers_mode, quantity) %}
    {{- return('utilities.tiered_amount(' ~ [tiers, tiers_mode, quantity] | join(', ') ~ ')') -}}
{% endmacro %}

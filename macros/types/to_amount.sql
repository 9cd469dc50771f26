{# An exact decimal from a raw number or text; null where it is none (NaN and infinity are none). #}
{% macro to_amount(value) %}{{ return(adapter.dispatch('to_amount')(value)) }}{% endmacro %}

{% macro postgres__to_amount(value) %}{{ return('utilities.to_amount(' ~ value ~ ')') }}{% endmacro %}

{# A bigint from a raw number or text; null where it is no whole number or does not fit. #}
{% macro to_whole_number(value) %}{{ return(adapter.dispatch('to_whole_number')(value)) }}{% endmacro %}

{% macro postgres__to_whole_number(value) %}{{ return('utilities.to_whole_number(' ~ value ~ ')') }}{% endmacro %}

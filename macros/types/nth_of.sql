{# An aggregate: of a group's values that fit the condition the n-th, in their order; null where there are fewer. #}
{% macro nth_of(value, n, condition) %}{{ return(adapter.dispatch('nth_of')(value, n, condition)) }}{% endmacro %}

{% macro postgres__nth_of(value, n, condition) %}{{ return('(' ~ list_agg(value, condition) ~ ')[' ~ n ~ ']') }}{% endmacro %}

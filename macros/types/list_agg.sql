{# An aggregate: a group's values as a list, in their order; null where no row fits the condition. #}
{% macro list_agg(value, condition='true') %}{{ return(adapter.dispatch('list_agg')(value, condition)) }}{% endmacro %}

{% macro postgres__list_agg(value, condition) %}
    {{- return('array_agg(' ~ value ~ ' order by ' ~ value ~ ') filter (where ' ~ condition ~ ')') -}}
{% endmacro %}

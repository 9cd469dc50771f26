{# The exact decimal at a path of a JSON value, a number or a number in a string; null where there is none. #}
{% macro json_decimal(value, path) %}{{ return(adapter.dispatch('json_decimal')(value, path)) }}{% endmacro %}

{% macro postgres__json_decimal(value, path) %}
    {{- return('utilities.json_decimal(' ~ json_at(value, path) ~ ')') -}}
{% endmacro %}

{# The whole number at a path of a JSON value, such as an amount in minor units; null where there is none. #}
{% macro json_amount(value, path) %}{{ return(adapter.dispatch('json_amount')(value, path)) }}{% endmacro %}

{% macro postgres__json_amount(value, path) %}
    {{- return('utilities.json_amount(' ~ json_at(value, path) ~ ')') -}}
{% endmacro %}

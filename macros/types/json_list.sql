{# The array at a path of a JSON value; null where there is none. #}
{% macro json_list(value, path) %}{{ return(adapter.dispatch('json_list')(value, path)) }}{% endmacro %}

{% macro postgres__json_list(value, path) %}
    {{- return('utilities.json_list(' ~ json_at(value, path) ~ ')') -}}
{% endmacro %}

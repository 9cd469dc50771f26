{# Whether a path of a JSON value says true; null where it says neither true nor false. #}
{% macro json_flag(value, path) %}{{ return(adapter.dispatch('json_flag')(value, path)) }}{% endmacro %}

{% macro postgres__json_flag(value, path) %}
    {{- return('utilities.json_flag(' ~ json_at(value, path) ~ ')') -}}
{% endmacro %}

{# The text at a path of a JSON value; null where there is no string, or an empty one. #}
{% macro json_string(value, path) %}{{ return(adapter.dispatch('json_string')(value, path)) }}{% endmacro %}

{% macro postgres__json_string(value, path) %}
    {{- return('utilities.json_string(' ~ json_at(value, path) ~ ')') -}}
{% endmacro %}

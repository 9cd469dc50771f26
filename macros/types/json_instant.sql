{# The instant at a path of a JSON value, in seconds since 1970; null where there is none. #}
{% macro json_instant(value, path) %}{{ return(adapter.dispatch('json_instant')(value, path)) }}{% endmacro %}

{% macro postgres__json_instant(value, path) %}
    {{- return('utilities.json_instant(' ~ json_at(value, path) ~ ')') -}}
{% endmacro %}

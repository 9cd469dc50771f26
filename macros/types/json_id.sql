{# The id of the object at a path of a JSON value, named or expanded; null where there is none. #}
{% macro json_id(value, path) %}{{ return(adapter.dispatch('json_id')(value, path)) }}{% endmacro %}

{% macro postgres__json_id(value, path) %}
    {{- return('utilities.json_id(' ~ json_at(value, path) ~ ')') -}}
{% endmacro %}

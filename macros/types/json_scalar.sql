{# The text of a string or a number at a path of a JSON value; null where there is neither. #}
{% macro json_scalar(value, path) %}{{ return(adapter.dispatch('json_scalar')(value, path)) }}{% endmacro %}

{% macro postgres__json_scalar(value, path) %}
    {{- return(
        'case when jsonb_typeof(' ~ json_at(value, path) ~ ") in ('string', 'number') then "
        ~ json_at(value, path) ~ " #>> '{}' end"
    ) -}}
{% endmacro %}

{# What is at a path of a JSON value: `a.b` is member b of member a, a number is a place in an array. #}
{% macro json_at(value, path) %}{{ return(adapter.dispatch('json_at')(value, path)) }}{% endmacro %}

{% macro postgres__json_at(value, path) %}
    {%- set steps = [value] -%}
    {%- for step in path.split('.') -%}
        {%- do steps.append(step if step.isdigit() else "'" ~ step ~ "'") -%}
    {%- endfor -%}
    {{- return(steps | join(' -> ')) -}}
{% endmacro %}

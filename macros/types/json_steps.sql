{# The steps from a JSON value along a path. #}
{% macro json_steps(value, path) %}{{ return(adapter.dispatch('json_steps')(value, path)) }}{% endmacro %}

{% macro postgres__json_steps(value, path) %}
    {%- set steps = [value] -%}
    {%- for step in path.split('.') -%}
        {%- do steps.append(step if step.isdigit() else "'" ~ step ~ "'") -%}
    {%- endfor -%}
    {{- return(steps | join(' -> ')) -}}
{% endmacro %}

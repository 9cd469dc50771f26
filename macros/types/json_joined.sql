{# One JSON array of several, one after the other; what is no array has no elements. #}
{% macro json_joined(arrays) %}{{ return(adapter.dispatch('json_joined')(arrays)) }}{% endmacro %}

{% macro postgres__json_joined(arrays) %}
    {%- set found = [] -%}
    {%- for array in arrays -%}{%- do found.append('coalesce(' ~ array ~ ', ' ~ json_none() ~ ')') -%}{%- endfor -%}
    {{- return(found | join(' || ')) -}}
{% endmacro %}

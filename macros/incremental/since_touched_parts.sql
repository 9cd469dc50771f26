{# Whether a value is that of the first part that is made in this run, or comes after it. Leaves out what ended before. #}
{% macro since_touched_parts(column) %}
    {{- return(adapter.dispatch('since_touched_parts')(column)) -}}
{% endmacro %}

{% macro postgres__since_touched_parts(column) -%}
    {{ column ~ ' >= (select min(touched.part) from touched)' if makes_part() else 'true' }}
{%- endmacro %}

{# Whether a row belongs to what is made in this run. #}
{% macro of_touched_parts(column) %}
    {{- return(adapter.dispatch('of_touched_parts')(column)) -}}
{% endmacro %}

{% macro postgres__of_touched_parts(column) -%}
    {#- An array, as PostgreSQL takes such a condition down into views, and a join it does not. -#}
    {{ column ~ ' = any (array(select touched.part from touched))' if makes_part() else 'true' }}
{%- endmacro %}

{# Whether a row belongs to what is made in this run. #}
{% macro of_touched_parts(column, part) %}
    {{- return(adapter.dispatch('of_touched_parts')(column, part)) -}}
{% endmacro %}

{% macro postgres__of_touched_parts(column, part) -%}
    {#- An array, as PostgreSQL takes such a condition down into views, and a join it does not. -#}
    {{ column ~ ' = any (array(select touched.part from touched))' if makes_part(part) else 'true' }}
{%- endmacro %}

{#
    Whether a row of a view belongs to what is made in this run. As PostgreSQL takes such a condition down into the view, and
    a join it does not; there the column should have an index, since each value is compared with every part.
#}
{% macro of_touched_parts(column) %}
    {{- return(adapter.dispatch('of_touched_parts')(column)) -}}
{% endmacro %}

{% macro postgres__of_touched_parts(column) -%}
    {{ column ~ ' = any (array(select touched.part from touched))' if makes_part() else 'true' }}
{%- endmacro %}

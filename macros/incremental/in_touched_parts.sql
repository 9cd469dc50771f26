{# Whether a row of a table belongs to what is made in this run; the same as `of_touched_parts`, as a join. #}
{% macro in_touched_parts(column) -%}
    {{ column ~ ' in (select touched.part from touched)' if makes_part() else 'true' }}
{%- endmacro %}

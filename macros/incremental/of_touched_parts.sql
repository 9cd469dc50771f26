{# Whether a row of a view belongs to what is made in this run. #}
{% macro of_touched_parts(column) -%}
    {{ is_among(column, 'select touched.part from touched') if makes_part() else 'true' }}
{%- endmacro %}

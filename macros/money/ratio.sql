{# A share of two numbers as a decimal; null where there is nothing to divide by. #}
{% macro ratio(part, whole) -%}
    (({{ part }})::numeric / nullif({{ whole }}, 0))::numeric(28, 10)
{%- endmacro %}

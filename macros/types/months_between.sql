{# How many months lie between two months, each named by its first day. #}
{% macro months_between(first, last) %}{{ return(adapter.dispatch('months_between')(first, last)) }}{% endmacro %}

{% macro postgres__months_between(first, last) -%}
    (
        12 * (extract(year from {{ last }}) - extract(year from {{ first }}))
        + extract(month from {{ last }}) - extract(month from {{ first }})
    )::integer
{%- endmacro %}

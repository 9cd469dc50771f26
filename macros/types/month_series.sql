{# A relation of one column: every month from the first to the last, both included. #}
{% macro month_series(first_month, last_month) %}
    {{- return(adapter.dispatch('month_series')(first_month, last_month)) -}}
{% endmacro %}

{% macro postgres__month_series(first_month, last_month) -%}
    (
        select series.month::date
        from generate_series({{ first_month }}::timestamp, {{ last_month }}::timestamp, interval '1 month') as series (month)
    )
{%- endmacro %}

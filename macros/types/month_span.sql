{# Every month from the first to the last, both included, one row each, as a column of a query. #}
{% macro month_span(first_month, last_month) %}
    {{- return(adapter.dispatch('month_span')(first_month, last_month)) -}}
{% endmacro %}

{% macro postgres__month_span(first_month, last_month) %}
    {{- return("generate_series(" ~ first_month ~ "::timestamp, " ~ last_month ~ "::timestamp, interval '1 month')::date") -}}
{% endmacro %}

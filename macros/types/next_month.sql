{# The first day of the month after a month. #}
{% macro next_month(month) %}{{ return(adapter.dispatch('next_month')(month)) }}{% endmacro %}

{% macro postgres__next_month(month) %}{{ return('(' ~ month ~ " + interval '1 month')::date") }}{% endmacro %}

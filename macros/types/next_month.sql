{# The first day of the month after a month. #}
{% macro next_month(month) %}{{ return(add_months(month, 1)) }}{% endmacro %}

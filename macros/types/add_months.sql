{# The first day of the month so many months after a month; before it where the number is negative. #}
{% macro add_months(month, number) %}{{ return(adapter.dispatch('add_months')(month, number)) }}{% endmacro %}

{% macro postgres__add_months(month, number) %}
    {{- return('(' ~ month ~ ' + ' ~ number ~ " * interval '1 month')::date") -}}
{% endmacro %}

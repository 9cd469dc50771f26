{# The day of a month that has the number of another day, or the month's last day where it has no such number. #}
{% macro day_in_month(month, day) %}{{ return(adapter.dispatch('day_in_month')(month, day)) }}{% endmacro %}

{% macro postgres__day_in_month(month, day) -%}
    least(
        {{ month }} + extract(day from {{ day }})::integer - 1,
        {{ next_month(month) }} - 1
    )
{%- endmacro %}

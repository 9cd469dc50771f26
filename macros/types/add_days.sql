{# The day so many days after a day; before it where the number is negative. #}
{% macro add_days(day, number) %}{{ return(adapter.dispatch('add_days')(day, number)) }}{% endmacro %}

{% macro postgres__add_days(day, number) %}{{ return('(' ~ day ~ ' + ' ~ number ~ ')') }}{% endmacro %}

{# The first instant of a day in UTC. #}
{% macro utc_start(day) %}{{ return(adapter.dispatch('utc_start')(day)) }}{% endmacro %}

{% macro postgres__utc_start(day) %}{{ return('((' ~ day ~ ")::timestamp at time zone 'UTC')") }}{% endmacro %}

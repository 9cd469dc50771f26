{# The UTC day of an instant, whatever the session's zone. #}
{% macro utc_date(instant) %}{{ return(adapter.dispatch('utc_date')(instant)) }}{% endmacro %}

{% macro postgres__utc_date(instant) %}{{ return('(' ~ instant ~ " at time zone 'UTC')::date") }}{% endmacro %}

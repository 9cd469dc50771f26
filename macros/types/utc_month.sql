{# The UTC month of an instant, named by its first day. #}
{% macro utc_month(instant) %}{{ return(adapter.dispatch('utc_month')(instant)) }}{% endmacro %}

{% macro postgres__utc_month(instant) %}
    {{- return("date_trunc('month', " ~ instant ~ " at time zone 'UTC')::date") -}}
{% endmacro %}

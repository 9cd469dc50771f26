{# A day from a raw value: a date, or text that begins with one as ISO 8601 writes it; what is none is null. #}
{% macro to_day(value) %}{{ return(adapter.dispatch('to_day')(value)) }}{% endmacro %}

{% macro postgres__to_day(value) %}{{ return('utilities.to_day(' ~ value ~ ')') }}{% endmacro %}

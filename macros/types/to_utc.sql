{# An instant from a raw value: a timestamp without a zone is UTC, text is read as ISO 8601, what is no date is null. #}
{% macro to_utc(value) %}{{ return(adapter.dispatch('to_utc')(value)) }}{% endmacro %}

{% macro postgres__to_utc(value) %}{{ return('utilities.to_utc(' ~ value ~ ')') }}{% endmacro %}

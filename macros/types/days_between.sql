{# How many days lie between two days; negative where the second is the earlier one. #}
{% macro days_between(first, last) %}{{ return(adapter.dispatch('days_between')(first, last)) }}{% endmacro %}

{% macro postgres__days_between(first, last) %}{{ return('(' ~ last ~ ' - ' ~ first ~ ')') }}{% endmacro %}

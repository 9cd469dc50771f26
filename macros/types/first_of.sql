{# An aggregate: the first of a group's values in an order. #}
{% macro first_of(value, order) %}{{ return(adapter.dispatch('first_of')(value, order)) }}{% endmacro %}

{% macro postgres__first_of(value, order) %}{{ return('(array_agg(' ~ value ~ ' order by ' ~ order ~ '))[1]') }}{% endmacro %}

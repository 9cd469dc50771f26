{# A relation of an array's elements and their places, the first being 1. #}
{% macro places_of(array) %}{{ return(adapter.dispatch('places_of')(array)) }}{% endmacro %}

{% macro postgres__places_of(array) %}{{ return('unnest(' ~ array ~ ') with ordinality') }}{% endmacro %}

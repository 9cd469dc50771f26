{# The sum of a whole number over a JSON array's objects; null where it is no array. #}
{% macro json_sum(array, name) %}{{ return(adapter.dispatch('json_sum')(array, name)) }}{% endmacro %}

{% macro postgres__json_sum(array, name) %}
    {{- return('utilities.json_sum(' ~ array ~ ", '" ~ name ~ "')") -}}
{% endmacro %}

{# The id of what a JSON value stands for: the value itself where it is a string, else its member `id`. #}
{% macro json_own_id(value) %}{{ return(adapter.dispatch('json_own_id')(value)) }}{% endmacro %}

{% macro postgres__json_own_id(value) %}{{ return('utilities.json_id(' ~ value ~ ')') }}{% endmacro %}

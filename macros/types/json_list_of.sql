{# A JSON array with one value in it. #}
{% macro json_list_of(value) %}{{ return(adapter.dispatch('json_list_of')(value)) }}{% endmacro %}

{% macro postgres__json_list_of(value) %}{{ return('jsonb_build_array(' ~ value ~ ')') }}{% endmacro %}

{# A relation of a JSON array's elements, none where it is null or no array. #}
{% macro elements_of(array) %}{{ return(adapter.dispatch('elements_of')(array)) }}{% endmacro %}

{% macro postgres__elements_of(array) %}
    {{- return("jsonb_array_elements(case when jsonb_typeof(" ~ array ~ ") = 'array' then " ~ array ~ " end)") -}}
{% endmacro %}

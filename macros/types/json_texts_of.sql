{# A relation of the texts in a JSON array, none where it is null or no array. #}
{% macro json_texts_of(array) %}{{ return(adapter.dispatch('json_texts_of')(array)) }}{% endmacro %}

{% macro postgres__json_texts_of(array) %}
    {{- return("jsonb_array_elements_text(case when jsonb_typeof(" ~ array ~ ") = 'array' then " ~ array ~ " end)") -}}
{% endmacro %}

{#
    A JSON object from text that people have edited: straight quotes, curly ones or both. Null where the text is
    no object, gives a key twice, or its quotes can be read in two ways.
#}
{% macro json_from_text(value) %}{{ return(adapter.dispatch('json_from_text')(value)) }}{% endmacro %}

{% macro postgres__json_from_text(value) %}{{ return('utilities.json_from_text(' ~ value ~ ')') }}{% endmacro %}

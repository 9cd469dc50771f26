{# The currency at a path of a JSON value, in lower case; null where there are no three letters. #}
{% macro json_currency(value, path) %}{{ return(adapter.dispatch('json_currency')(value, path)) }}{% endmacro %}

{% macro postgres__json_currency(value, path) %}
    {{- return('utilities.json_currency(' ~ json_at(value, path) ~ ')') -}}
{% endmacro %}

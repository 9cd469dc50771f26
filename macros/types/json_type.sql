{# The JSON type of an object's member (string, number, boolean, object, array, null); null where it is missing. #}
{% macro json_type(object, name) %}{{ return(adapter.dispatch('json_type')(object, name)) }}{% endmacro %}

{% macro postgres__json_type(object, name) %}
    {{- return('jsonb_typeof(' ~ json_at(object, name) ~ ')') -}}
{% endmacro %}

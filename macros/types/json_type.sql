{#
    The JSON type (string, number, boolean, object, array, null) of a value, or of an object's member; null where it is
    missing.
#}
{% macro json_type(value, name=none) %}{{ return(adapter.dispatch('json_type')(value, name)) }}{% endmacro %}

{% macro postgres__json_type(value, name) %}
    {{- return('jsonb_typeof(' ~ (value if name is none else json_at(value, name)) ~ ')') -}}
{% endmacro %}

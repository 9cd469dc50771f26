{#
    The sum of a whole number over the objects of the array at a path of a JSON value, or over those that hold what
    `counted` says, such as {'inclusive': true}; null where there is no array.
#}
{% macro json_sum(value, path, name, counted=none) %}
    {{- return(adapter.dispatch('json_sum')(value, path, name, counted)) -}}
{% endmacro %}

{% macro postgres__json_sum(value, path, name, counted) %}
    {%- set which = '' if counted is none else ", '" ~ tojson(counted) ~ "'" -%}
    {{- return('utilities.json_sum(' ~ json_at(value, path) ~ ", '" ~ name ~ "'" ~ which ~ ')') -}}
{% endmacro %}

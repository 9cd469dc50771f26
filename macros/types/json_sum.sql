{# The sum of a whole number over the objects of the array at a path of a JSON value; null where there is no array. #}
{% macro json_sum(value, path, name) %}
    {{- return(adapter.dispatch('json_sum')(value, path, name)) -}}
{% endmacro %}

{% macro postgres__json_sum(value, path, name) %}
    {{- return('utilities.json_sum(' ~ json_at(value, path) ~ ", '" ~ name ~ "')") -}}
{% endmacro %}

{#
    The sum of a decimal over those objects of the array at a path of a JSON value that hold what `counted` says; null where
    there is no array or nothing in it.
#}
{% macro json_decimal_sum(value, path, name, counted) %}
    {{- return(adapter.dispatch('json_decimal_sum')(value, path, name, counted)) -}}
{% endmacro %}

{% macro postgres__json_decimal_sum(value, path, name, counted) %}
    {{- return('utilities.json_decimal_sum(' ~ json_at(value, path) ~ ", '" ~ name ~ "', '" ~ tojson(counted) ~ "')") -}}
{% endmacro %}

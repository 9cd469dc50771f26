{# The array at the path `many`, else the object at the path `one` as an array of one, else an empty array. #}
{% macro json_one_or_many(value, one, many) %}
    {{- return(adapter.dispatch('json_one_or_many')(value, one, many)) -}}
{% endmacro %}

{% macro postgres__json_one_or_many(value, one, many) %}
    {{- return(
        'utilities.json_one_or_many(' ~ json_at(value, one) ~ ', ' ~ json_at(value, many) ~ ')'
    ) -}}
{% endmacro %}

{# An aggregate: a group's values as a JSON array, in an order; an empty group is an empty array. #}
{% macro json_array_of(value, order, condition='true') %}
    {{- return(adapter.dispatch('json_array_of')(value, order, condition)) -}}
{% endmacro %}

{% macro postgres__json_array_of(value, order, condition) -%}
    coalesce(jsonb_agg({{ value }} order by {{ order }}) filter (where {{ condition }}), '[]'::jsonb)
{%- endmacro %}

{# The sum of a whole number over the objects of the array at a path of a JSON value; null where there is no array. #}
{% macro json_sum(value, path, name) %}
    {{- return(adapter.dispatch('json_sum')(value, path, name)) -}}
{% endmacro %}

{% macro postgres__json_sum(value, path, name) -%}
    case
        when jsonb_typeof({{ json_at(value, path) }}) = 'array'
            then (
                select coalesce(sum({{ json_amount('item.value', name) }}), 0)::bigint
                from {{ elements_of(json_at(value, path)) }} as item (value)
            )
    end
{%- endmacro %}

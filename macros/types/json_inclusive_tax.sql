{#
    How many percent of tax are in the prices to which the tax rates at a path of a JSON value apply; null where no rate is
    there.
#}
{% macro json_inclusive_tax(value, path) %}
    {{- return(adapter.dispatch('json_inclusive_tax')(value, path)) -}}
{% endmacro %}

{% macro postgres__json_inclusive_tax(value, path) -%}
    case
        when {{ json_type(value, path) }} = 'array' and {{ json_at(value, path) }} <> {{ json_none() }}
            then utilities.json_decimal_sum({{ json_at(value, path) }}, 'percentage', '{"inclusive": true}')
    end
{%- endmacro %}

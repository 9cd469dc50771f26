{# The first of some members of a JSON value that is an object; null where none is. #}
{% macro json_first_object(value, names) %}
    {{- return(adapter.dispatch('json_first_object')(value, names)) -}}
{% endmacro %}

{% macro postgres__json_first_object(value, names) -%}
    case
        {%- for name in names %}
        when jsonb_typeof({{ json_at(value, name) }}) = 'object' then {{ json_at(value, name) }}
        {%- endfor %}
    end
{%- endmacro %}

{# A JSON object with these members, by name; a null is JSON's null. #}
{% macro json_object(members) %}{{ return(adapter.dispatch('json_object')(members)) }}{% endmacro %}

{% macro postgres__json_object(members) -%}
    jsonb_build_object(
        {%- for name, value in members.items() %}
        '{{ name }}', {{ value }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

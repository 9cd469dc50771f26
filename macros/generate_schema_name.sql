{# A schema is a department's name and the same for everybody; a server of one's own separates people. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}

{# DDL of the table with its contract's columns and primary key. #}
{% macro standing_table__create(relation, temporary) -%}
    {%- set required = standing_table__required() -%}
    create {{ 'temporary ' if temporary }}table {{ relation }} (
        {% for column in model['columns'].values() -%}
            {{ column.name }} {{ column.data_type }}{{ ' not null' if column.name in required }},
        {% endfor -%}
        primary key ({{ standing_table__key() | join(', ') }})
    ){{ ' on commit drop' if temporary }}
{%- endmacro %}

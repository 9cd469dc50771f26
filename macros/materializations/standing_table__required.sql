{# The columns that the contract does not allow to be null. #}
{% macro standing_table__required() %}
    {%- set names = standing_table__key() | list -%}
    {%- for column in model['columns'].values() -%}
        {%- for constraint in column.constraints if constraint.type == 'not_null' -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(names | unique | list) }}
{% endmacro %}

{# The primary key's columns, from the contract of the model being built. #}
{% macro standing_table__key() %}
    {%- for constraint in model.constraints if constraint.type == 'primary_key' -%}
        {{ return(constraint.columns) }}
    {%- endfor -%}
    {%- for column in model['columns'].values() -%}
        {%- for constraint in column.constraints if constraint.type == 'primary_key' -%}
            {{ return([column.name]) }}
        {%- endfor -%}
    {%- endfor -%}
    {{ exceptions.raise_compiler_error('a table with a contract needs a primary key in it') }}
{% endmacro %}

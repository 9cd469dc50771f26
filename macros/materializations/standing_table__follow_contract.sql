{# Brings the columns and checks of the standing table to those of the contract, in place. #}
{% macro standing_table__follow_contract(target) %}
    {%- set wanted = model['columns'] -%}
    {%- set found = adapter.get_columns_in_relation(target) | map(attribute='name') | list -%}
    {%- set changes = [] -%}
    {%- for name in found if name not in wanted -%}
        {%- do changes.append('drop column ' ~ name) -%}
    {%- endfor -%}
    {%- for column in wanted.values() if column.name not in found -%}
        {%- do changes.append('add column ' ~ column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- if changes -%}
        {% call statement('columns') %}alter table {{ target }} {{ changes | join(', ') }}{% endcall %}
    {%- endif -%}
{% endmacro %}

{# Brings the columns of the standing table to those of the contract, in place. #}
{% macro standing_table__follow_contract(target, found) %}
    {%- set wanted = model['columns'] -%}
    {%- set changes = [] -%}
    {%- for name in found.columns if name not in wanted -%}
        {%- do changes.append('drop column ' ~ name) -%}
    {%- endfor -%}
    {%- for column in wanted.values() if column.name not in found.columns -%}
        {%- do changes.append('add column ' ~ column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- if changes -%}
        {% call statement('columns') %}alter table {{ target }} {{ changes | join(', ') }}{% endcall %}
    {%- endif -%}
{% endmacro %}

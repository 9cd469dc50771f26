{# Takes away what the contract no longer has, and adds its new columns, in place: before the new rows are written. #}
{% macro standing_table__follow_contract(target, found) %}
    {%- set wanted = model['columns'] -%}
    {%- set rules = standing_table__constraints(target) -%}
    {%- set changes = [] -%}
    {%- for name in found.constraints if name not in rules -%}
        {%- do changes.append('drop constraint ' ~ adapter.quote(name)) -%}
    {%- endfor -%}
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

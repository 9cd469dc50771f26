{# Brings not-nulls, checks, unique and foreign keys, and indexes to those of the contract; those in order stay. #}
{% macro standing_table__constrain(target) %}
    {%- set wanted = standing_table__constraints(target) -%}
    {%- set required = standing_table__required() -%}
    {%- set standing = run_query(
        "select conname from pg_constraint where contype in ('c', 'f', 'u') and conrelid = '" ~ target ~ "'::regclass"
    ).columns[0].values() | list -%}
    {%- set found_required = run_query(
        "select attname from pg_attribute where attnum > 0 and attnotnull and attrelid = '" ~ target ~ "'::regclass"
    ).columns[0].values() | list -%}
    {%- set changes = [] -%}
    {%- for name in standing if name not in wanted -%}
        {%- do changes.append('drop constraint ' ~ adapter.quote(name)) -%}
    {%- endfor -%}
    {%- for name, definition in wanted.items() if name not in standing -%}
        {%- do changes.append('add constraint ' ~ adapter.quote(name) ~ ' ' ~ definition) -%}
    {%- endfor -%}
    {%- for name in required if name not in found_required -%}
        {%- do changes.append('alter column ' ~ name ~ ' set not null') -%}
    {%- endfor -%}
    {%- for name in found_required if name not in required -%}
        {%- do changes.append('alter column ' ~ name ~ ' drop not null') -%}
    {%- endfor -%}
    {%- if changes -%}
        {% call statement('constrain') %}alter table {{ target }} {{ changes | join(', ') }}{% endcall %}
    {%- endif -%}
    {%- for index in config.get('indexes', []) -%}
        {% call statement('index') %}
            create {{ 'unique ' if index.unique }}index if not exists
            {{ (target.identifier ~ '_' ~ index.columns | join('_'))[:59] }}_idx on {{ target }} ({{ index.columns | join(', ') }})
        {% endcall %}
    {%- endfor -%}
{% endmacro %}

{#
    Adds the not-nulls, checks, unique and foreign keys, and indexes of the contract that do not stand yet: the keys in
    one order in all tables, as each locks the table that it refers to.

    found: what stood before, from `standing_table__found`; none where the table has just been created, with its not-nulls.
#}
{% macro standing_table__constrain(target, found=none) %}
    {%- set wanted = standing_table__constraints(target) -%}
    {%- set standing = found.constraints if found else [] -%}
    {%- set changes = [] -%}
    {%- for name, definition in wanted.items() | sort(attribute='1') if name not in standing -%}
        {%- do changes.append('add constraint ' ~ adapter.quote(name) ~ ' ' ~ definition) -%}
    {%- endfor -%}
    {%- if found -%}
        {%- set required = standing_table__required() -%}
        {%- for name in required if not found.columns.get(name) -%}
            {%- do changes.append('alter column ' ~ name ~ ' set not null') -%}
        {%- endfor -%}
        {%- for name, is_required in found.columns.items()
            if is_required and name in model['columns'] and name not in required -%}
            {%- do changes.append('alter column ' ~ name ~ ' drop not null') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if changes -%}
        {% call statement('constrain') %}alter table {{ target }} {{ changes | join(', ') }}{% endcall %}
    {%- endif -%}
    {%- if config.get('indexes') -%}
        {% call statement('indexes') %}
            {%- for index in config.get('indexes') %}
            create {{ 'unique ' if index.unique }}index if not exists
            {{ (target.identifier ~ '_' ~ index.columns | join('_'))[:59] }}_idx on {{ target }} ({{ index.columns | join(', ') }});
            {%- endfor %}
        {% endcall %}
    {%- endif -%}
{% endmacro %}

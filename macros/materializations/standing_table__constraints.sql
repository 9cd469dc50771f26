{#
    The contract's checks, unique and foreign keys: name to definition. A name ends in a digest of its definition,
    so that a changed rule is another constraint; in a database of another name it is the same one.
#}
{% macro standing_table__constraints(target) %}
    {%- set rules = [] -%}
    {%- for column in model['columns'].values() -%}
        {%- for constraint in column.constraints if constraint.type == 'check' -%}
            {%- do rules.append((column.name, 'check', 'check (' ~ constraint.expression ~ ')')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for constraint in model.constraints -%}
        {%- set names = constraint.columns | join(', ') -%}
        {%- if constraint.type == 'check' -%}
            {%- do rules.append(('', 'check', 'check (' ~ constraint.expression ~ ')')) -%}
        {%- elif constraint.type == 'unique' -%}
            {#- Deferrable: looked at when a statement is done, so that rows may exchange what is unique. -#}
            {%- do rules.append((names, 'key', 'unique (' ~ names ~ ') deferrable')) -%}
        {%- elif constraint.type == 'foreign_key' -%}
            {%- set parent = constraint.to ~ ' (' ~ constraint.to_columns | join(', ') ~ ')' -%}
            {%- set rule = 'foreign key (' ~ names ~ ') references ' ~ parent ~ ' on delete cascade' -%}
            {%- do rules.append((names, 'fkey', rule)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set named = {} -%}
    {%- for names, kind, definition in rules -%}
        {%- set stem = (target.identifier ~ '_' ~ names | replace(', ', '_'))[:48] -%}
        {%- set anywhere = definition | replace(adapter.quote(target.database) ~ '.', '') -%}
        {%- do named.update({stem ~ '_' ~ kind ~ '_' ~ local_md5(anywhere)[:8]: definition}) -%}
    {%- endfor -%}
    {{ return(named) }}
{% endmacro %}

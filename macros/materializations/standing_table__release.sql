{#
    Takes away the foreign keys that the contract no longer has, before anything is read, and one by one: each locks the
    table that it refers to. Of two models that have read from that one and then wait to lock it, each would wait for the
    other; and of two of which one adds the keys that the other takes away.
#}
{% macro standing_table__release(target) %}
    {%- set wanted = standing_table__constraints(target) -%}
    {%- for (name,) in run_query(
        "select conname from pg_constraint where contype = 'f' and conrelid = '" ~ target ~ "'::regclass"
    ).rows if name not in wanted -%}
        {% call statement('release') %}alter table {{ target }} drop constraint {{ adapter.quote(name) }}; commit; begin{% endcall %}
    {%- endfor -%}
{% endmacro %}

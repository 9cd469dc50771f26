{#
    Overrides dbt's: asks once which comments there are, and writes those that differ. For most models of most runs there is
    nothing to write, and no lock to take.
#}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) %}
    {%- set found = {} -%}
    {%- for name, comment in run_query(
        "select attname, col_description(attrelid, attnum) from pg_attribute"
        " where attnum > 0 and not attisdropped and attrelid = '" ~ relation ~ "'::regclass"
        " union all select '', obj_description('" ~ relation ~ "'::regclass, 'pg_class')"
    ).rows -%}
        {%- do found.update({name: comment}) -%}
    {%- endfor -%}
    {%- do write_comments(relation, found, for_relation, for_columns) -%}
{% endmacro %}

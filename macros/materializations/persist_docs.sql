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

{# found: the comment of each column, and of the relation under the name ''. #}
{% macro write_comments(relation, found, for_relation=true, for_columns=true) %}
    {%- set changes = [] -%}
    {%- if for_relation and config.persist_relation_docs() and model.description and found.pop('') != model.description -%}
        {%- do changes.append(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() and model.columns -%}
        {%- for name, column in validate_doc_columns(relation, model.columns, found.keys() | list).items()
            if found[name] != column.description -%}
            {%- do changes.append(
                'comment on column ' ~ relation ~ '.' ~ (adapter.quote(name) if column.quote else name)
                ~ ' is ' ~ postgres_escape_comment(column.description) ~ ';'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if changes -%}{%- do run_query(changes | join('\n')) -%}{%- endif -%}
{% endmacro %}

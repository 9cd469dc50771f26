{#
    Writes the comments of a relation and its columns that differ from what is described.

    found: the comment of each column, and of the relation under the name ''.
#}
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

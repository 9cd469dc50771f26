{#
    The rows of a live raw table with the columns that the source's yml promises. Reads, never writes. Which columns it
    has, if any, the catalog says: dbt's memory of a schema lacks tables while another thread fills it.
#}
{% macro live_rows(relation, table, extra_columns=[]) -%}
    {%- if not execute -%}
        {{ relation }}
    {%- else -%}
        {%- set node = graph.sources['source.' ~ project_name ~ '.raw.' ~ table] -%}
        {%- set types = {} -%}
        {%- for name, type in asked_once(
            "select attname, format_type(atttypid, null) from pg_attribute"
            " where attrelid = to_regclass('" ~ relation ~ "') and attnum > 0 and not attisdropped"
        ) -%}
            {%- do types.update({name: type}) -%}
        {%- endfor -%}
        {%- set columns = [] -%}
        {%- for column in node.columns.values() -%}
            {%- set has = types.get(column.name) -%}
            {%- if has is none -%}
                {%- do columns.append('null::' ~ column.data_type ~ ' as ' ~ column.name) -%}
            {%- elif same_type(has, column.data_type) -%}
                {%- do columns.append(column.name) -%}
            {%- elif column.data_type in ['timestamptz', 'boolean', 'jsonb'] -%}
                {%- do columns.append(converted(column.name, has, column.data_type) ~ ' as ' ~ column.name) -%}
            {%- else -%}
                {%- do columns.append(column.name ~ '::text as ' ~ column.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if types -%}
            (select {{ (columns + extra_columns) | join(', ') }} from {{ relation }})
        {%- else -%}
            (select {{ columns | join(', ') }}{{ ', null::tid as place' if extra_columns }} where false)
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

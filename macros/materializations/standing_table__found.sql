{#
    What stands at `target`, and how it clashes with the rows made beside it, asked at once: its `columns`, each with
    whether it must not be null; the names of its `constraints`; and `clashes`, why it can only be made anew: a column of
    another type, or another primary key.
#}
{% macro standing_table__found(target, beside) %}
    {%- set found = {'columns': {}, 'constraints': [], 'clashes': []} -%}
    {%- for kind, name, is_required in run_query(
        "select 'columns', attname, attnotnull from pg_attribute"
        " where attnum > 0 and not attisdropped and attrelid = '" ~ target ~ "'::regclass"
        " union all"
        " select 'constraints', conname, null from pg_constraint"
        " where contype in ('c', 'f', 'u') and conrelid = '" ~ target ~ "'::regclass"
        " union all"
        " select 'clashes', standing.attname || ' is ' || format_type(standing.atttypid, standing.atttypmod) || ', not '"
        " || format_type(made.atttypid, made.atttypmod), null"
        " from pg_attribute as standing join pg_attribute as made on made.attname = standing.attname and made.attnum > 0"
        " where standing.attnum > 0 and standing.attrelid = '" ~ target ~ "'::regclass"
        " and made.attrelid = '" ~ beside ~ "'::regclass"
        " and (standing.atttypid, standing.atttypmod) <> (made.atttypid, made.atttypmod)"
        " union all"
        " select 'clashes', 'its primary key is (' || min(names) || '), not (' || max(names) || ')', null from ("
        "   select string_agg(columns.attname, ', ' order by columns.attname) as names"
        "   from pg_index as keys join pg_attribute as columns"
        "     on columns.attrelid = keys.indrelid and columns.attnum = any (keys.indkey)"
        "   where keys.indisprimary and keys.indrelid in ('" ~ target ~ "'::regclass, '" ~ beside ~ "'::regclass)"
        "   group by keys.indrelid"
        " ) as primary_keys having count(distinct names) > 1"
    ).rows -%}
        {%- if kind == 'columns' -%}
            {%- do found.columns.update({name: is_required}) -%}
        {%- else -%}
            {%- do found[kind].append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

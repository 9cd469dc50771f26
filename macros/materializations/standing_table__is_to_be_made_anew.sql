{#
    Whether the standing table has a column of another type, or another primary key, than the rows made beside it.
    Such a table can only be made anew, which takes along what hangs on it; so that is done when it is asked for.
#}
{% macro standing_table__is_to_be_made_anew(target, beside) %}
    {%- set clashes = run_query(
        "select standing.attname || ' is ' || format_type(standing.atttypid, standing.atttypmod) || ', not '"
        " || format_type(made.atttypid, made.atttypmod)"
        " from pg_attribute as standing join pg_attribute as made on made.attname = standing.attname and made.attnum > 0"
        " where standing.attnum > 0 and standing.attrelid = '" ~ target ~ "'::regclass"
        " and made.attrelid = '" ~ beside ~ "'::regclass"
        " and (standing.atttypid, standing.atttypmod) <> (made.atttypid, made.atttypmod)"
        " union all"
        " select 'its primary key is (' || min(names) || '), not (' || max(names) || ')' from ("
        "   select string_agg(columns.attname, ', ' order by columns.attname) as names"
        "   from pg_index as keys join pg_attribute as columns"
        "     on columns.attrelid = keys.indrelid and columns.attnum = any (keys.indkey)"
        "   where keys.indisprimary and keys.indrelid in ('" ~ target ~ "'::regclass, '" ~ beside ~ "'::regclass)"
        "   group by keys.indrelid"
        " ) as primary_keys having count(distinct names) > 1"
    ).columns[0].values() | list -%}
    {%- if clashes and not should_full_refresh() -%}
        {{ exceptions.raise_compiler_error(
            target ~ ' stands with another contract (' ~ clashes | join('; ') ~ '): build it once with --full-refresh'
        ) }}
    {%- endif -%}
    {{ return(clashes | length > 0) }}
{% endmacro %}

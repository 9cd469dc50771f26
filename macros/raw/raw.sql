{#
    A raw table, as `from {{ raw('customer_licenses') }} as source`: the seeds' rows, or with DOGDB_RAW=live the
    table in schema `raw`. Columns and their types are those of the source's yml. Of a live table a missing
    column is null, one of another type arrives as text (staging judges it), and a missing table is empty.
#}
{% macro raw(table) -%}
    {%- if env_var('DOGDB_RAW', 'seeds') == 'live' -%}
        {{ live_rows(source('raw', table), table) }}
    {%- else -%}
        {%- set seeds = var('seeds_of').get(table, []) -%}
        {%- if seeds | length == 1 -%}
            {{ ref(seeds[0]) }}
        {%- else -%}
            ({% for seed in seeds -%}
                select * from {{ ref(seed) }}{{ ' union all ' if not loop.last }}
            {%- endfor %})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

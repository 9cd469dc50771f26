{# What the model read last: its snapshot, or the oldest transaction that was still open then. #}
{% macro last_snapshot(what) -%}
    {%- if execute -%}
        {%- set noted = run_query(
            "select read_snapshot, pg_snapshot_xmin(read_snapshot) from utilities.reads where reader = '" ~ this ~ "'"
        ) -%}
        {%- if noted.rows | length == 0 -%}
            {{ "'0'::xid8" if what == 'xmin' else "'1:1:'::pg_snapshot" }}
        {%- elif what == 'xmin' -%}
            '{{ noted.rows[0][1] }}'::xid8
        {%- else -%}
            '{{ noted.rows[0][0] }}'::pg_snapshot
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

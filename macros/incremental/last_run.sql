{#
    What the model has noted of its last run: `batch`, up to which it read; `until`, the instant that was now; its
    `snapshot` and `xmin`, the oldest transaction that was still open in it. None where nothing is noted. They stand in a
    query as literals, so that the planner can estimate how few rows come after them (else it assumes a third of the table).
#}
{% macro last_run() %}
    {#- `dbt compile` may come before any run. -#}
    {%- if flags.WHICH in ['build', 'run'] or run_query("select to_regclass('utilities.reads')").rows[0][0] -%}
        {%- for reader, batch, until, snapshot, xmin in asked_once(
            "select reader, last_batch, read_until::text, read_snapshot::text, pg_snapshot_xmin(read_snapshot)::text"
            " from utilities.reads"
        ) if reader == this | string -%}
            {{ return({'batch': batch, 'until': until, 'snapshot': snapshot, 'xmin': xmin}) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(none) }}
{% endmacro %}

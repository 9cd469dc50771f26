{#
    What the model has noted of its last run: `batch`, up to which it read, and `until`, the instant that was now. None
    where nothing is noted; asked once a model and phase of its run. They stand in a query as literals, so that the planner
    can estimate how few rows come after them (else it assumes a third of the table).
#}
{% macro last_run() %}
    {%- if 'last_run' not in model -%}
        {%- set found = namespace(rows=[]) -%}
        {#- `dbt compile` may come before any run. -#}
        {%- if flags.WHICH in ['build', 'run'] or run_query("select to_regclass('utilities.reads')").rows[0][0] -%}
            {%- set found.rows = run_query(
                "select last_batch, read_until::text from utilities.reads where reader = '" ~ this ~ "'"
            ).rows -%}
        {%- endif -%}
        {%- do model.update({'last_run': {'batch': found.rows[0][0], 'until': found.rows[0][1]} if found.rows else none}) -%}
    {%- endif -%}
    {{ return(model.last_run) }}
{% endmacro %}

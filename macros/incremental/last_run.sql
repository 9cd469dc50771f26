{#
    What the model has noted of its last run: `batch`, up to which it read, and `until`, the instant that was now. None
    where nothing is noted; asked once a model and phase of its run. As they stand in a query as values, PostgreSQL can
    tell how few rows come after them, and need not expect a third of the table.
#}
{% macro last_run() %}
    {%- if 'last_run' not in model -%}
        {%- set rows = run_query(
            "select last_batch, read_until::text from utilities.reads where reader = '" ~ this ~ "'"
        ).rows -%}
        {%- do model.update({'last_run': {'batch': rows[0][0], 'until': rows[0][1]} if rows else none}) -%}
    {%- endif -%}
    {{ return(model.last_run) }}
{% endmacro %}

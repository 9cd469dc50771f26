{#
    Whether a row was committed since this model last read: not visible to the snapshot that the last run noted.
    Exact whatever the order in which writers commit, as neither a clock nor an id is. True where the row does not
    know its transaction (a column of nulls), or the model reads for the first time.
#}
{% macro arrived_since_last_run(column) -%}
    {{ adapter.dispatch('arrived_since_last_run')(column) }}
{%- endmacro %}

{% macro postgres__arrived_since_last_run(column) -%}
    {%- if is_incremental() -%}
        (
            {{ column }} is null
            or (
                {{ column }} >= '{{ last_run().xmin }}'::xid8
                and not pg_visible_in_snapshot({{ column }}, '{{ last_run().snapshot }}'::pg_snapshot)
            )
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#
    Whether a row belongs to a batch that this model has not read yet. The number stands in the query, so that
    PostgreSQL can tell how few such rows are, and need not expect a third of the table.
#}
{% macro of_new_batches(batch) -%}
    {%- if is_incremental() -%}
        {%- set noted = run_query("select last_batch from utilities.reads where reader = '" ~ this ~ "'").rows -%}
        {{ batch }} > {{ noted[0][0] if noted else 0 }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

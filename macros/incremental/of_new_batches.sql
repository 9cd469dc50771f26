{#
    Whether a row belongs to a batch that this model has not read yet. The number stands in the query, so that
    PostgreSQL can tell how few such rows are, and need not expect a third of the table.
#}
{% macro of_new_batches(batch) -%}
    {{ batch ~ ' > ' ~ noted_batch() if is_incremental() else 'true' }}
{%- endmacro %}

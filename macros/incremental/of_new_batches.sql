{# Whether a row belongs to a batch that this model has not read yet. #}
{% macro of_new_batches(batch) -%}
    {{ batch ~ ' > ' ~ last_run().batch if is_incremental() else 'true' }}
{%- endmacro %}

{# Whether a row belongs to a batch that this model has not read yet. #}
{% macro of_new_batches(batch) -%}
    {%- if is_incremental() -%}
        {{ batch }} > coalesce((select last_batch from utilities.reads where reader = '{{ this }}'), 0)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

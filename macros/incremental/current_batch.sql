{# The number of the batch that is being read: one more than that of the last run, also where that was another table. #}
{% macro current_batch() -%}
    {{ ((noted_batch() or 0) if execute else 0) + 1 }}::bigint
{%- endmacro %}

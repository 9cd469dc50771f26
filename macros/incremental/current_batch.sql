{# The number of the batch that is being read: one more than that of the last run, also where that was another table. #}
{% macro current_batch() -%}
    {{ (last_run().batch if execute and last_run() else 0) + 1 }}::bigint
{%- endmacro %}

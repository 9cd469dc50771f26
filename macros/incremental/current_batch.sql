{# The number of the batch that is being read: one more than that of the last run, also where that was another table. #}
{% macro current_batch() -%}
    {{ (noted().batch if execute and noted() else 0) + 1 }}::bigint
{%- endmacro %}

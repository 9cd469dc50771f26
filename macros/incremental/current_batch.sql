{# The number of the batch that is being read: one more than that of the last run, also where that was another table. #}
{% macro current_batch() -%}
    {%- set noted = [] -%}
    {%- if execute -%}
        {%- set noted = run_query("select last_batch from utilities.reads where reader = '" ~ this ~ "'").rows -%}
    {%- endif -%}
    {{ (noted[0][0] + 1) if noted else 1 }}::bigint
{%- endmacro %}

{# The number of the batch that the events' own model has read last. #}
{% macro last_read_batch() -%}
    (select last_batch from utilities.reads where reader = '{{ ref("stg_stripe__events") }}')
{%- endmacro %}

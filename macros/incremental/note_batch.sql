{# After the events' own model has read: counts the batch, in the transaction that writes it. #}
{% macro note_batch() %}{{ return(adapter.dispatch('note_batch')()) }}{% endmacro %}

{% macro postgres__note_batch() -%}
    update utilities.reads set last_batch = last_batch + 1 where reader = '{{ this }}'
{%- endmacro %}

{# Whether a state arrived in a batch that this model has not read yet. #}
{% macro arrived_since(states) -%}
    {{ states }}.batch > (select reads.last_batch from utilities.reads as reads where reads.reader = '{{ this }}')
{%- endmacro %}

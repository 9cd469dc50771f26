{# Whether a state arrived in a batch that this model has not read yet, or was of a time to come when it did. #}
{% macro arrived_since(states) -%}
    {%- if execute and noted() -%}
        ({{ states }}.batch > {{ noted().batch }} or {{ states }}.occurred_at > '{{ noted().until }}')
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

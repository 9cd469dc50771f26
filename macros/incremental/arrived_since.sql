{# Whether a state arrived in a batch that this model has not read yet, or was of a time to come when it did. #}
{% macro arrived_since(states) -%}
    {%- if execute and last_run() -%}
        ({{ states }}.batch > {{ last_run().batch }} or {{ states }}.occurred_at > '{{ last_run().until }}')
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

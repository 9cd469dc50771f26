{# Whether a state arrived in a batch that this model has not read yet, or was of a time to come when it did. #}
{% macro arrived_since(states) -%}
    (
        {{ states }}.batch > (select reads.last_batch from utilities.reads as reads where reads.reader = '{{ this }}')
        or {{ states }}.occurred_at > (
            select reads.read_until from utilities.reads as reads where reads.reader = '{{ this }}'
        )
    )
{%- endmacro %}

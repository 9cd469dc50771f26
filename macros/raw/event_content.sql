{#
    What an event says, from its payload: its data, or where it has none, all but what is about the delivery. The same
    test as the function raw.stripe_event_differs of the commands (scripts/dogdb/events/schema.sql).
#}
{% macro event_content(payload) -%}
    coalesce({{ json_steps(payload, 'data') }}, {{ json_without(payload, ['pending_webhooks']) }})
{%- endmacro %}

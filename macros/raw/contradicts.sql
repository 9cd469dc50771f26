{#
    Whether two payloads that have one id say different things: other values of a member that both have, but for what is
    about the delivery. The same test as the function raw.stripe_event_differs of the commands (scripts/dogdb/events/schema.sql).
#}
{% macro contradicts(one, other) %}{{ return(adapter.dispatch('contradicts')(one, other)) }}{% endmacro %}

{% macro postgres__contradicts(one, other) -%}
    {%- set told = [] -%}
    {%- for payload in [one, other] -%}
        {%- do told.append(json_without(payload, ['pending_webhooks', 'request'])) -%}
    {%- endfor -%}
    case
        when {{ json_type(one) }} = 'object' and {{ json_type(other) }} = 'object'
            then {{ told[0] }} || {{ told[1] }} <> {{ told[1] }} || {{ told[0] }}
        else {{ one }} <> {{ other }}
    end
{%- endmacro %}

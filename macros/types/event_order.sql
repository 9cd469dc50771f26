{# An aggregate: the ids of a group of one object's events in the order that fits best what each says was before it. #}
{% macro event_order(id, rank, state, previous, state_before) %}
    {{- return(adapter.dispatch('event_order')(id, rank, state, previous, state_before)) -}}
{% endmacro %}

{% macro postgres__event_order(id, rank, state, previous, state_before) -%}
    utilities.event_order(
        array_agg({{ id }} order by {{ id }}),
        array_agg({{ rank }} order by {{ id }}),
        array_agg({{ state }} order by {{ id }}),
        array_agg({{ previous }} order by {{ id }}),
        {{ state_before }}
    )
{%- endmacro %}

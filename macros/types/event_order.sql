{#
    The ids of one object's events of one second, as a list in the order that fits best what each says was before it.

    events: a JSON array of {id, rank, state, previous}. state_before: the object's state before that second.
#}
{% macro event_order(events, state_before) %}
    {{- return(adapter.dispatch('event_order')(events, state_before)) -}}
{% endmacro %}

{% macro postgres__event_order(events, state_before) %}
    {{- return('utilities.event_order(' ~ events ~ ', ' ~ state_before ~ ')') -}}
{% endmacro %}

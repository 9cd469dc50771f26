{#
    States in the order in which they came to be, for an `order by`: by time; within a second as `previous_attributes`
    tell, then by life cycle, then by id. Arrival has no say. Needs stg_stripe__tie_positions joined as `ties`.
#}
{% macro in_order(states, direction='asc') -%}
    {{ states }}.occurred_at {{ direction }},
    coalesce(ties.tie_position, 0) {{ direction }},
    {{ states }}.life_cycle_rank {{ direction }},
    {{ states }}.event_id {{ direction }}
{%- endmacro %}

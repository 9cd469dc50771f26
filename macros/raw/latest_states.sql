{#
    The last state of each object of a model of states, or of those that a condition on `states` picks: the one that
    none comes after. An anti-join, and not `distinct on`, as several processes can share it and what reads it.

    first: found before anything is joined to them, such as their payloads.
#}
{% macro latest_states(model, condition='true', first=false) -%}
    (
        select states.*
        from {{ ref(model) }} as states
        left join {{ ref('stg_stripe__tie_positions') }} as ties on states.event_id = ties.event_id
        where
            {{ condition }}
            and not exists (
                select 1
                from {{ ref(model) }} as later
                left join {{ ref('stg_stripe__tie_positions') }} as later_ties on later.event_id = later_ties.event_id
                where
                    states.{{ state_models()[model] }} = later.{{ state_models()[model] }}
                    and (
                        later.occurred_at,
                        coalesce(later_ties.tie_position, 0),
                        later.life_cycle_rank,
                        later.event_id
                    ) > (
                        states.occurred_at,
                        coalesce(ties.tie_position, 0),
                        states.life_cycle_rank,
                        states.event_id
                    )
            )
        {{ worked_out_once() if first }}
    )
{%- endmacro %}

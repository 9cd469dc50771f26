{# The last state of each object of a model of states, or of those that a condition on `states` picks. #}
{% macro latest_states(model, condition='true') -%}
    (
        select distinct on (states.{{ state_models()[model] }}) states.*
        from {{ ref(model) }} as states
        left join {{ ref('stg_stripe__tie_positions') }} as ties on states.event_id = ties.event_id
        where {{ condition }}
        order by
            states.{{ state_models()[model] }},
            {{ in_order('states', 'desc') }}
    )
{%- endmacro %}

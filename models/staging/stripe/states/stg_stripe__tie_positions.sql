{#
    An event's time has a resolution of one second. Where several events of one object share a second and one of them
    says what was before it, that tells their order; here is the place of each. A second with one change after the
    creation needs none.
#}

{% set is_new = of_new_batches('batch') -%}

with

{# An object with news is looked at whole: what came late may stand before what came early. #}
seconds as (
    {% for model, key in state_models().items() -%}
    select
        '{{ model }}' as model,
        {{ key }} as object_id,
        occurred_at,
        array_agg(event_id) as event_ids
    from {{ ref(model) }}
    {% if is_incremental() -%}
    where {{ key }} in (select {{ key }} from {{ ref(model) }} where {{ is_new }})
    {% endif -%}
    group by {{ key }}, occurred_at
    having
        bool_or(has_previous_attributes)
        and count(*) filter (where life_cycle_rank not in (0, 1, 9)) > 1
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

tied as (
    select
        seconds.object_id,
        seconds.occurred_at,
        ids.event_id
    from seconds
    cross join lateral {{ places_of('seconds.event_ids') }} as ids (event_id, place)
),

states_before as (
    {% for model, key in state_models().items() -%}
    select
        seconds.object_id,
        seconds.occurred_at,
        earlier.event_id
    from seconds
    cross join lateral (
        select event_id
        from {{ ref(model) }}
        where {{ key }} = seconds.object_id and occurred_at < seconds.occurred_at
        order by occurred_at desc, life_cycle_rank desc, event_id desc
        limit 1
    ) as earlier
    where seconds.model = '{{ model }}'
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

wanted as (
    select tied.event_id
    from tied
    union distinct
    select states_before.event_id
    from states_before
),

{# Lateral: they are few, and are looked up one by one. -#}
payloads as (
    select
        events.event_id,
        events.life_cycle_rank,
        raw_rows.payload
    from wanted
    cross join lateral (
        select *
        from {{ ref('stg_stripe__events') }}
        where event_id = wanted.event_id
        limit 1
    ) as events
    inner join {{ stripe_rows() }} as raw_rows
        on events.place = raw_rows.place and events.event_id = raw_rows.id
),

ordered as (
    select
        {{ event_order(
            'tied.event_id',
            'payloads.life_cycle_rank',
            json_at('payloads.payload', 'data.object'),
            json_at('payloads.payload', 'data.previous_attributes'),
            json_at('payload_before.payload', 'data.object')
        ) }} as event_ids
    from seconds
    inner join tied
        on
            seconds.object_id = tied.object_id
            and seconds.occurred_at = tied.occurred_at
    inner join payloads on tied.event_id = payloads.event_id
    left join states_before
        on
            seconds.object_id = states_before.object_id
            and seconds.occurred_at = states_before.occurred_at
    left join payloads as payload_before on states_before.event_id = payload_before.event_id
    group by seconds.object_id, seconds.occurred_at, payload_before.payload
),

final as (
    select
        places.event_id,
        places.tie_position::integer as tie_position,
        {{ last_read_batch() }} as batch
    from ordered
    cross join lateral {{ places_of('ordered.event_ids') }} as places (event_id, tie_position)
)

select * from final

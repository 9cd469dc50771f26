{#
    An event's time has a resolution of one second. Where several events of one object share a second and one of them
    says what was before it, that tells their order; here is the place of each. No position is
    needed where a second holds only a creation and one change.
#}

{% set is_new = of_new_batches('batch') -%}

with recursive

{# An object with news is looked at whole: what came late may stand before what came early. #}
seconds as (
    {% for model, key in state_models().items() -%}
    select
        '{{ model }}' as model,
        {{ key }} as object_id,
        occurred_at,
        array_agg(event_id) as event_ids
    from {{ ref(model) }}
    where
        ({{ key }}, occurred_at) in (
            select
                {{ key }},
                occurred_at
            from {{ ref(model) }}
            where has_previous_attributes
        )
        {% if is_incremental() -%}
        and {{ key }} in (select {{ key }} from {{ ref(model) }} where {{ is_new }})
        {% endif %}
    group by {{ key }}, occurred_at
    having count(*) filter (where life_cycle_rank not in (0, 1, 9)) > 1
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

tied as (
    select
        seconds.model,
        seconds.object_id,
        seconds.occurred_at,
        ids.event_id
    from seconds
    cross join lateral {{ places_of('seconds.event_ids') }} as ids (event_id, place)
),

states_before as (
    {% for model, key in state_models().items() -%}
    select
        seconds.model,
        seconds.object_id,
        seconds.occurred_at,
        earlier.event_id,
        earlier.occurred_at as before_at
    from seconds
    cross join lateral (
        select
            event_id,
            occurred_at
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

{# Lateral, and each limited to one: they are few, and are looked up one by one. -#}
payloads as materialized (
    select
        events.event_id,
        events.life_cycle_rank,
        {{ json_at('raw_rows.payload', 'data.object') }} as state,
        {{ json_at('raw_rows.payload', 'data.previous_attributes') }} as previous
    from wanted
    cross join lateral (
        select *
        from {{ ref('stg_stripe__events') }}
        where event_id = wanted.event_id
        limit 1
    ) as events
    cross join lateral (
        select
            id,
            payload
        from {{ stripe_rows() }} as there
        where place = events.place
        limit 1
    ) as raw_rows
    where events.event_id = raw_rows.id
),

told as (
    select
        tied.model,
        tied.object_id,
        tied.occurred_at,
        {{ json_array_of(json_object({
            'id': 'payloads.event_id',
            'rank': 'payloads.life_cycle_rank',
            'state': 'payloads.state',
            'previous': 'payloads.previous',
        }), 'payloads.event_id') }} as events
    from tied
    inner join payloads on tied.event_id = payloads.event_id
    group by tied.model, tied.object_id, tied.occurred_at
),

numbered as (
    select
        told.model,
        told.object_id,
        told.events,
        states_before.event_id as event_id_before,
        row_number() over object_seconds as second_number,
        coalesce(
            lag(told.occurred_at) over object_seconds = states_before.before_at,
            false
        ) as follows_the_last
    from told
    left join states_before
        on
            told.model = states_before.model
            and told.object_id = states_before.object_id
            and told.occurred_at = states_before.occurred_at
    window object_seconds as (
        partition by told.model, told.object_id
        order by told.occurred_at
    )
),

{# Where one such second follows right after another, that one's order tells what was before; else it is known. #}
ordered as (
    select
        numbered.model,
        numbered.object_id,
        numbered.second_number,
        {{ event_order('numbered.events', 'payload_before.state') }} as event_ids
    from numbered
    left join payloads as payload_before
        on numbered.event_id_before = payload_before.event_id
    where not numbered.follows_the_last
    union all
    select
        numbered.model,
        numbered.object_id,
        numbered.second_number,
        {{ event_order('numbered.events', 'payload_before.state') }} as event_ids
    from ordered
    inner join numbered
        on
            ordered.model = numbered.model
            and ordered.object_id = numbered.object_id
            and ordered.second_number + 1 = numbered.second_number
    left join payloads as payload_before
        on payload_before.event_id = {{ last_of('ordered.event_ids') }}
    where numbered.follows_the_last
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

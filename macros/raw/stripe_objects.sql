{#
    The states of one kind of Stripe object, as its events tell them: one row per event. Its row is fetched from its
    place, the object taken out of the payload once (`offset 0` keeps PostgreSQL from doing it once a field), and so is
    each path of it that the model's SQL names in a `json_…('object', 'path')`: column `at_path`. In an incremental
    run: the events of the batches since the last one.

    kind: as in `object_types`. names: what such objects call themselves (`data.object.object`).
#}
{% macro stripe_objects(kind, names) -%}
    {{- config(indexes=state_indexes(model.name)) -}}
    {%- set paths = [] -%}
    {%- for found in modules.re.findall("'object', '([^']+)'(?:, '([^']+)')?", model.raw_code) -%}
        {%- do paths.extend(found | select | list) -%}
    {%- endfor -%}
    (
        select
            events.event_id,
            events.event_type,
            events.api_version,
            events.occurred_at,
            events.life_cycle_rank,
            events.batch,
            data.has_previous_attributes,
            data.object,
            parts.*
        from {{ ref('stg_stripe__events') }} as events
        inner join {{ stripe_rows() }} as raw_rows
            on events.place = raw_rows.place and events.event_id = raw_rows.id
        cross join lateral (select raw_rows.payload -> 'data' as members offset 0) as opened
        cross join lateral (
            select
                opened.members -> 'object' as object,
                coalesce(jsonb_typeof(opened.members -> 'previous_attributes') = 'object', false)
                    as has_previous_attributes
            offset 0
        ) as data
        cross join lateral (
            select
                {% for path in paths | unique -%}
                {{ json_steps('data.object', path) }} as at_{{ path.replace('.', '__') }}{{ ',' if not loop.last }}
                {% endfor -%}
            offset 0
        ) as parts
        where
            events.object_kind = '{{ kind }}'
            and {{ of_new_batches('events.batch') }}
            and jsonb_typeof(data.object) = 'object'
            and data.object ->> 'object' in ('{{ names | join("', '") }}')
    )
{%- endmacro %}

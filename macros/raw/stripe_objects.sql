{#
    The states of one kind of Stripe object, as its events tell them: one row per event. Its row is fetched from its
    place, the object taken out of the payload once, and so is each path of it that the model's SQL names in a
    `json_…('object', 'path')`: column `at_path`. What was before an update is `previous`, where it is named. In an
    incremental run: the events of the batches since the last one.

    As the queries are nested, and not lateral, several processes share the work. `coalesce` keeps PostgreSQL from
    expecting next to no rows.

    kind: as in `object_types`. names: what such objects call themselves (`data.object.object`), if at all. methods: where
    the object may say what it was paid with; the first that does is column `details`, as of `json_details`. lookups: columns
    of the model by which its rows are looked up.
#}
{% macro stripe_objects(kind, names, methods=[], lookups=[]) -%}
    {{- config(indexes=state_indexes(model.name, lookups)) -}}
    {%- set paths = [] -%}
    {%- for found in modules.re.findall("'object', '([^']+)'(?:, '([^']+)')?", model.raw_code) -%}
        {%- do paths.extend(found | select | list) -%}
    {%- endfor -%}
    {%- set members = [] -%}
    {%- for path in paths | unique if '.' in path -%}
        {%- do members.append(path.split('.')[0]) -%}
    {%- endfor -%}
    (
        select
            {% for path in paths | unique -%}
            {%- set member, _, rest = path.partition('.') -%}
            {%- if members.count(member) > 1 and rest -%}
            {{ json_steps('in_' ~ member, rest) }} as at_{{ path.replace('.', '__') }},
            {% else -%}
            {{ json_steps('object', path) }} as at_{{ path.replace('.', '__') }},
            {% endif -%}
            {%- endfor -%}
            known.*
        from (
            select
                {% for member in members | unique if members.count(member) > 1 -%}
                {{ json_steps('object', member) }} as in_{{ member }},
                {% endfor -%}
                {% if methods -%}
                coalesce(
                    {%- for path in methods %}
                    {{ json_details(json_steps('object', path)) }}{{ ',' if not loop.last }}
                    {%- endfor %}
                ) as details,
                {% endif -%}
                states.*
            from (
                select
                    event_id,
                    event_type,
                    api_version,
                    occurred_at,
                    life_cycle_rank,
                    batch,
                    place,
                    {{ json_steps('members', 'object') }} as object,
                    {% if "'previous'" in model.raw_code -%}
                    {{ json_steps('members', 'previous_attributes') }} as previous,
                    {% endif -%}
                    coalesce({{ json_type('members', 'previous_attributes') }} = 'object', false)
                        as has_previous_attributes
                from (
                    select
                        events.event_id,
                        events.event_type,
                        events.api_version,
                        events.occurred_at,
                        events.life_cycle_rank,
                        events.batch,
                        events.place,
                        raw_rows.id as id_there,
                        {{ json_steps('raw_rows.payload', 'data') }} as members
                    from {{ ref('stg_stripe__events') }} as events
                    inner join {{ stripe_rows() }} as raw_rows on events.place = raw_rows.place
                    where events.object_kind = '{{ kind }}' and {{ of_new_batches('events.batch') }}
                    {{ worked_out_once() }}
                ) as opened
                where coalesce(event_id = id_there, false)
                {{ worked_out_once() }}
            ) as states
            where
                coalesce(
                    {{ json_type('object') }} = 'object'
                    and coalesce({{ json_text('object', 'object') }}, '{{ names[0] }}') in ('{{ names | join("', '") }}'),
                    false
                )
            {{ worked_out_once() }}
        ) as known
        {{ worked_out_once() }}
    )
{%- endmacro %}

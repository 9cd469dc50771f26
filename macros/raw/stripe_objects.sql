{#
    The states of one kind of Stripe object, as its events tell them: one row per event, once, with the object
    taken out of its payload. That is done once a row (`offset 0` keeps PostgreSQL from doing it once a field). In an
    incremental run: the events that have arrived since the last one.

    Of two events with one id the one received first counts, and of two received at once that with the lesser digest.

    kind: the object's type, as Stripe calls it (`data.object.object`); several where they share a table.
    types: the event types that are about it, as patterns of `like`.
#}
{% macro stripe_objects(kinds, types) -%}
    {{- config(indexes=state_indexes(model.name)) -}}
    (
        with

        arrived as (
            select
                id,
                type,
                created,
                api_version,
                payload,
                received_at,
                count(*) over (partition by id) as copies
            from {{ stripe_events(
                "type like any (array['" ~ (types + snapshot_types(kinds)) | join("', '") ~ "']) and "
                ~ arrived_since_last_run('arrived_in')
            ) }} as events
        ),

        once as (
            select distinct on (id)
                id,
                type,
                created,
                api_version,
                payload
            from arrived
            order by id, received_at, case when copies > 1 then md5(payload::text) end
        )

        select
            once.id as event_id,
            once.type as event_type,
            once.api_version,
            once.created as occurred_at,
            {{ life_cycle_rank('once.type') }} as life_cycle_rank,
            data.previous_attributes is not null as has_previous_attributes,
            data.object
        from once
        cross join lateral (
            select
                once.payload -> 'data' -> 'object' as object,
                once.payload -> 'data' -> 'previous_attributes' as previous_attributes
            offset 0
        ) as data
        where
            jsonb_typeof(data.object) = 'object'
            and data.object ->> 'object' in ('{{ kinds | join("', '") }}')
    )
{%- endmacro %}

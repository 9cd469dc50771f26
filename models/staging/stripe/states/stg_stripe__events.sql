{#
    Every event that counts, once, and where its row lies: the one look at the raw table that all others go by. In an
    incremental run: what has arrived since the last one.

    Of two rows with one id the one received first counts, and of two received at once, or nobody knows when, the one that
    lies first.
#}

{{ config(
    indexes=[
        {'columns': ['event_id'], 'unique': true},
        {'columns': ['object_kind', 'batch']},
    ],
    pre_hook='{{ read_in_parallel() }}',
    post_hook='{{ note_batch() }}',
) }}

with

arrived as (
    select
        id,
        type,
        created,
        api_version,
        received_at,
        place
    from {{ stripe_rows() }} as raw_rows
    where {{ counts_as_event() }} and {{ arrived_since_last_run('arrived_in') }}
),

{% if not has_unique_id() -%}
repeated as (
    select distinct on (id)
        id,
        place
    from {{ stripe_rows() }} as raw_rows
    where
        {{ counts_as_event() }}
        and id in (
            select arrived.id
            from arrived
            group by arrived.id
            having count(*) > 1
            {%- if is_incremental() %}
            union
            select arrived.id
            from arrived
            inner join {{ this }} as known
                on arrived.id = known.event_id and arrived.place <> known.place
            {%- endif %}
        )
    order by id, received_at, place
),
{%- endif %}

new_events as (
    select arrived.*
    from arrived
    {% if not has_unique_id() -%}
    left join repeated on arrived.id = repeated.id
    {% endif -%}
    {% if is_incremental() -%}
    left join {{ this }} as known on arrived.id = known.event_id
    {% endif -%}
    where
        true
        {%- if not has_unique_id() %}
        and (repeated.id is null or arrived.place = repeated.place)
        {%- endif %}
        {%- if is_incremental() %}
        and (known.event_id is null or known.place <> arrived.place)
        {%- endif %}
),

final as (
    select
        id as event_id,
        type as event_type,
        {{ object_kind('type') }} as object_kind,
        nullif(api_version, '') as api_version,
        created as occurred_at,
        {{ life_cycle_rank('type') }} as life_cycle_rank,
        received_at,
        place,
        {{ current_batch() }} as batch
    from new_events
)

select * from final

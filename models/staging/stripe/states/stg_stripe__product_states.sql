with

events as (
    select *
    from {{ stripe_objects('product', ['product']) }} as states
),

final as (
    select
        event_id,
        event_type,
        api_version,
        occurred_at,
        life_cycle_rank,
        has_previous_attributes,
        batch,
        {{ json_id('object', 'id') }} as product_id,
        {{ json_string('object', 'name') }} as name,
        coalesce({{ json_flag('object', 'active') }}, true) as is_active,
        event_type like '%.deleted' as is_deleted,
        {{ json_instant('object', 'created') }} as created_at
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

with

events as (
    select *
    from {{ stripe_objects('payout', ['payout', 'transfer']) }} as states
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
        {{ json_id('object', 'id') }} as payout_id,
        {{ json_string('object', 'status') }} as status,
        {{ json_currency('object', 'currency') }} as currency,
        {{ json_amount('object', 'amount') }} as amount_minor,
        coalesce(
            {{ json_instant('object', 'arrival_date') }},
            {{ json_instant('object', 'date') }}
        ) as arrives_at,
        {{ json_instant('object', 'created') }} as created_at
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

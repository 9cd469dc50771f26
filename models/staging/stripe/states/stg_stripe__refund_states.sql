with

events as (
    select *
    from {{ stripe_objects('refund', ['refund']) }} as states
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
        {{ json_id('object', 'id') }} as refund_id,
        {{ json_id('object', 'charge') }} as charge_id,
        {{ json_id('object', 'payment_intent') }} as payment_intent_id,
        coalesce({{ json_string('object', 'status') }}, 'succeeded') as status,
        {{ json_string('object', 'reason') }} as reason,
        {{ json_currency('object', 'currency') }} as currency,
        {{ json_amount('object', 'amount') }} as amount_minor,
        {{ json_instant('object', 'created') }} as created_at
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

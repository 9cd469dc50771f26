with

events as (
    select *
    from {{ stripe_objects('invoice_payment', ['invoice_payment']) }} as states
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
        {{ json_id('object', 'id') }} as invoice_payment_id,
        {{ json_id('object', 'invoice') }} as invoice_id,
        {{ json_string('object', 'status') }} as status,
        {{ json_currency('object', 'currency') }} as currency,
        {{ json_amount('object', 'amount_paid') }} as amount_paid_minor,
        {{ json_string('object', 'payment.type') }} as payment_type,
        {{ paid_by_stripe('object') }} as is_by_stripe,
        {{ json_id('object', 'payment.payment_intent') }} as payment_intent_id,
        {{ json_id('object', 'payment.charge') }} as charge_id,
        {{ json_instant('object', 'status_transitions.paid_at') }} as paid_at,
        {{ json_instant('object', 'created') }} as created_at
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

with

events as (
    select *
    from {{ stripe_objects('payment_intent', ['payment_intent']) }} as states
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
        {{ json_id('object', 'id') }} as payment_intent_id,
        coalesce(
            {{ json_id('object', 'customer') }},
            {{ json_id('object', 'customer_account') }}
        ) as stripe_customer_id,
        {{ json_string('object', 'status') }} as status,
        {{ json_currency('object', 'currency') }} as currency,
        {{ json_amount('object', 'amount') }} as amount_minor,
        {{ json_amount('object', 'amount_received') }} as amount_received_minor,
        coalesce(
            {{ json_id('object', 'latest_charge') }},
            {{ json_id('object', 'charges.data.0') }}
        ) as charge_id,
        {{ json_id('object', 'invoice') }} as invoice_id,
        coalesce(
            {{ json_id('object', 'payment_method') }},
            {{ json_id('object', 'source') }}
        ) as payment_method_id,
        {{ json_instant('object', 'created') }} as created_at
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

with

events as (
    select *
    from {{ stripe_objects('credit_note', ['credit_note']) }} as states
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
        {{ json_id('object', 'id') }} as credit_note_id,
        {{ json_id('object', 'invoice') }} as invoice_id,
        coalesce(
            {{ json_id('object', 'customer') }},
            {{ json_id('object', 'customer_account') }}
        ) as stripe_customer_id,
        {{ json_string('object', 'status') }} as status,
        {{ json_string('object', 'reason') }} as reason,
        {{ json_currency('object', 'currency') }} as currency,
        coalesce(
            {{ json_amount('object', 'total') }},
            {{ json_amount('object', 'amount') }}
        ) as amount_minor,
        coalesce(
            {{ json_amount('object', 'total_excluding_tax') }},
            {{ json_amount('object', 'subtotal') }},
            {{ json_amount('object', 'amount') }}
        ) as amount_without_tax_minor,
        coalesce(
            {{ json_id('object', 'refund') }},
            {{ json_id('object', 'refunds.0.refund') }}
        ) as refund_id,
        {{ json_list('object', 'lines.data') }} as lines,
        {{ json_instant('object', 'created') }} as created_at,
        {{ json_instant('object', 'voided_at') }} as voided_at
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

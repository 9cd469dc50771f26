with

events as (
    select *
    from
        {{ stripe_objects(
            'invoice', ['invoice'], lookups=['charge_id', 'payment_intent_id']
        ) }} as states
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
        place,
        {{ json_id('object', 'id') }} as invoice_id,
        coalesce(
            {{ json_id('object', 'customer') }},
            {{ json_id('object', 'customer_account') }}
        ) as stripe_customer_id,
        coalesce(
            {{ json_id('object', 'subscription') }},
            {{ json_id('object', 'parent.subscription_details.subscription') }}
        ) as subscription_id,
        {{ json_string('object', 'number') }} as number,
        coalesce(
            {{ json_string('object', 'status') }},
            case
                when {{ json_flag('object', 'paid') }} then 'paid'
                when {{ json_flag('object', 'forgiven') }} then 'uncollectible'
                when {{ json_flag('object', 'closed') }} then 'void'
                else 'open'
            end
        ) as status,
        {{ json_currency('object', 'currency') }} as currency,
        {{ json_amount('object', 'total') }} as total_minor,
        coalesce(
            {{ json_amount('object', 'tax') }},
            {{ json_sum('object', 'total_taxes', 'amount') }},
            {{ json_sum('object', 'total_tax_amounts', 'amount') }},
            0
        ) as tax_minor,
        {{ json_amount('object', 'amount_due') }} as amount_due_minor,
        coalesce(
            {{ json_instant('object', 'created') }},
            {{ json_instant('object', 'date') }}
        ) as created_at,
        coalesce(
            {{ json_instant('object', 'status_transitions.finalized_at') }},
            {{ json_instant('object', 'finalized_at') }},
            case when event_type = 'invoice.finalized' then occurred_at end,
            case
                when {{ json_string('object', 'status') }} is null
                    then {{ json_instant('object', 'date') }}
            end
        ) as finalized_at,
        coalesce(
            {{ json_instant('object', 'status_transitions.paid_at') }},
            case
                when event_type in ('invoice.paid', 'invoice.payment_succeeded')
                    then occurred_at
            end
        ) as paid_at,
        {{ json_instant('object', 'status_transitions.voided_at') }} as voided_at,
        {{ json_instant('object', 'status_transitions.marked_uncollectible_at') }}
            as marked_uncollectible_at,
        {{ json_instant('object', 'due_date') }} as due_at,
        {{ json_id('object', 'charge') }} as charge_id,
        {{ json_id('object', 'payment_intent') }} as payment_intent_id,
        {{ json_flag('object', 'paid_out_of_band') }} as is_paid_out_of_band,
        {{ json_at('object', 'payments.data') }} as payments,
        {{ json_at('object', 'discounts') }} as discounts,
        coalesce({{ json_flag('object', 'lines.has_more') }}, false) as has_more_lines
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

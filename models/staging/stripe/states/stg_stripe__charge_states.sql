with

events as (
    select *
    from {{ stripe_objects(
        'charge',
        ['charge'],
        methods=['payment_method_details', 'source', 'card']
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
        {{ json_id('object', 'id') }} as charge_id,
        {{ json_id('object', 'customer') }} as stripe_customer_id,
        {{ json_id('object', 'invoice') }} as invoice_id,
        {{ json_id('object', 'payment_intent') }} as payment_intent_id,
        case {{ json_string('object', 'status') }}
            when 'paid' then 'succeeded'
            else coalesce(
                {{ json_string('object', 'status') }},
                case {{ json_flag('object', 'paid') }}
                    when true then 'succeeded'
                    when false then 'failed'
                end
            )
        end as status,
        {{ json_currency('object', 'currency') }} as currency,
        {{ json_amount('object', 'amount') }} as amount_minor,
        case
            when not coalesce({{ json_flag('object', 'captured') }}, true) then 0
            else {{ json_amount('object', 'amount_captured') }}
        end as amount_captured_minor,
        coalesce(
            {{ json_amount('object', 'amount_refunded') }},
            case
                when {{ json_flag('object', 'refunded') }}
                    then {{ json_amount('object', 'amount') }}
            end,
            0
        ) as amount_refunded_minor,
        {{ json_string('object', 'failure_code') }} as failure_code,
        coalesce(
            {{ json_id('object', 'payment_method') }},
            {{ json_id('object', 'source') }},
            {{ json_id('object', 'card') }}
        ) as payment_method_id,
        coalesce(
            {{ json_string('object', 'payment_method_details.type') }},
            case
                when {{ json_string('object', 'source.object') }} = 'source'
                    then {{ json_string('object', 'source.type') }}
                else {{ json_string('object', 'source.object') }}
            end,
            {{ json_string('object', 'card.object') }}
        ) as method_type,
        {{ method_columns('details') }},
        coalesce(
            {{ json_list('object', 'refunds.data') }},
            {{ json_list('object', 'refunds') }}
        ) as refunds,
        {{ json_instant('object', 'created') }} as created_at
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

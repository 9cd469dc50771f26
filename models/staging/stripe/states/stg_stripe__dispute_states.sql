{# Disputes had no id once, and a charge no more than one of them. #}

with

events as (
    select *
    from {{ stripe_objects('dispute', ['dispute']) }} as states
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
        coalesce(
            {{ json_id('object', 'id') }},
            {{ json_id('object', 'charge') }} || ':dispute'
        ) as dispute_id,
        {{ json_id('object', 'id') }} is not null as has_own_id,
        {{ json_id('object', 'charge') }} as charge_id,
        {{ json_string('object', 'status') }} as status,
        {{ json_string('object', 'reason') }} as reason,
        {{ json_currency('object', 'currency') }} as currency,
        {{ json_amount('object', 'amount') }} as amount_minor,
        {{ json_list('object', 'balance_transactions') }} as balance_transactions,
        {{ json_instant('object', 'created') }} as created_at
    from events
    where
        coalesce({{ json_id('object', 'id') }}, {{ json_id('object', 'charge') }})
        is not null
)

select * from final

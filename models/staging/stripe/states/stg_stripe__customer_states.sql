with

events as (
    select *
    from {{ stripe_objects('customer', ['customer']) }} as states
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
        {{ json_id('object', 'id') }} as stripe_customer_id,
        {{ json_scalar('object', 'metadata.account_id') }} as account_reference,
        {{ json_string('object', 'email') }} as email,
        {{ json_string('object', 'name') }} as name,
        {{ json_currency('object', 'currency') }} as currency,
        coalesce(
            {{ json_string('object', 'address.country') }},
            {{ json_string('object', 'sources.data.0.country') }},
            {{ json_string('object', 'sources.data.0.card.country') }},
            {{ json_string('object', 'cards.data.0.country') }},
            {{ json_string('object', 'active_card.country') }}
        ) as country_code,
        {{ json_string('object', 'address.line1') }} as address_line1,
        {{ json_string('object', 'address.line2') }} as address_line2,
        {{ json_string('object', 'address.city') }} as address_city,
        {{ json_string('object', 'address.state') }} as address_state,
        {{ json_string('object', 'address.postal_code') }} as address_postal_code,
        coalesce(
            {{ json_id('object', 'invoice_settings.default_payment_method') }},
            {{ json_id('object', 'default_source') }},
            {{ json_id('object', 'default_card') }}
        ) as default_payment_method_id,
        coalesce(
            {{ json_list('object', 'sources.data') }},
            {{ json_list('object', 'cards.data') }}
        ) as sources,
        coalesce(
            {{ json_flag('object', 'sources.has_more') }},
            {{ json_flag('object', 'cards.has_more') }},
            false
        ) as has_more_sources,
        {{ json_at('object', 'discount') }} as discount,
        {{ json_instant('object', 'created') }} as created_at,
        event_type like '%.deleted'
        or coalesce({{ json_flag('object', 'deleted') }}, false) as is_deleted,
        {{ json_type('object', 'metadata') }} is null as has_no_metadata
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

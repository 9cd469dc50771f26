with

events as (
    select *
    from {{ stripe_objects(
        'payment_method',
        ['payment_method', 'card', 'bank_account', 'source']
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
        {{ json_string('object', 'id') }} as payment_method_id,
        {{ json_id('object', 'customer') }} as stripe_customer_id,
        coalesce(
            {{ json_string('object', 'type') }},
            {{ json_string('object', 'object') }}
        ) as method_type,
        coalesce(
            {{ json_string('object', 'card.wallet.type') }},
            {{ json_string('object', 'tokenization_method') }}
        ) as wallet_type,
        coalesce(
            {{ json_string('object', 'card.brand') }},
            {{ json_string('object', 'brand') }},
            {{ json_string('object', 'bank_name') }},
            {{ json_string('object', 'us_bank_account.bank_name') }},
            {{ json_string('object', 'sepa_debit.bank_code') }},
            {{ json_string('object', 'type') }}
        ) as brand,
        coalesce(
            {{ json_string('object', 'card.last4') }},
            {{ json_string('object', 'us_bank_account.last4') }},
            {{ json_string('object', 'sepa_debit.last4') }},
            {{ json_string('object', 'bacs_debit.last4') }},
            {{ json_string('object', 'au_becs_debit.last4') }},
            {{ json_string('object', 'ach_debit.last4') }},
            {{ json_string('object', 'last4') }}
        ) as last4,
        coalesce(
            {{ json_amount('object', 'card.exp_month') }},
            {{ json_amount('object', 'exp_month') }}
        ) as expiry_month,
        coalesce(
            {{ json_amount('object', 'card.exp_year') }},
            {{ json_amount('object', 'exp_year') }}
        ) as expiry_year,
        coalesce(
            {{ json_string('object', 'card.funding') }},
            {{ json_string('object', 'funding') }}
        ) as funding,
        coalesce(
            {{ json_string('object', 'card.country') }},
            {{ json_string('object', 'country') }}
        ) as country_code,
        coalesce(
            {{ json_string('object', 'card.fingerprint') }},
            {{ json_string('object', 'fingerprint') }}
        ) as fingerprint,
        {{ json_instant('object', 'created') }} as created_at,
        event_type like '%.detached' or event_type like '%.deleted' as is_detached
    from events
    where {{ json_string('object', 'id') }} is not null
)

select * from final

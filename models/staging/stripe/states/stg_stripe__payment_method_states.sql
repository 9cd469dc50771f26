with

events as (
    select *
    from {{ stripe_objects(
        'payment_method',
        ['payment_method', 'card', 'bank_account', 'alipay_account', 'source']
    ) }} as states
),

methods as (
    select
        *,
        {{ json_details('object') }} as details
    from events
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
        {{ json_id('object', 'id') }} as payment_method_id,
        {{ json_id('object', 'customer') }} as stripe_customer_id,
        case
            when
                {{ json_string('object', 'object') }}
                in ('card', 'bank_account', 'alipay_account')
                then {{ json_string('object', 'object') }}
            else {{ json_string('object', 'type') }}
        end as method_type,
        coalesce(
            {{ json_string('details', 'wallet.type') }},
            {{ json_string('details', 'tokenization_method') }}
        ) as wallet_type,
        coalesce(
            {{ json_string('details', 'brand') }},
            {{ json_string('details', 'bank_name') }},
            {{ json_string('details', 'bank') }},
            {{ json_string('details', 'bank_code') }},
            {{ json_string('object', 'type') }}
        ) as brand,
        coalesce(
            {{ json_scalar('details', 'last4') }},
            {{ json_string('details', 'iban_last4') }}
        ) as last4,
        {{ json_amount('details', 'exp_month') }} as expiry_month,
        {{ json_amount('details', 'exp_year') }} as expiry_year,
        {{ json_string('details', 'funding') }} as funding,
        {{ json_string('details', 'country') }} as country_code,
        {{ json_string('details', 'fingerprint') }} as fingerprint,
        {{ json_instant('object', 'created') }} as created_at,
        event_type like '%.detached' or event_type like '%.deleted' as is_detached
    from methods
    where {{ json_id('object', 'id') }} is not null
)

select * from final

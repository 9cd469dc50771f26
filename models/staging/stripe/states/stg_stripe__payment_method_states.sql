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
        coalesce(
            {{ json_id('object', 'customer') }},
            {{ json_id('object', 'customer_account') }},
            {{ json_id('previous', 'customer') }},
            {{ json_id('previous', 'customer_account') }}
        ) as stripe_customer_id,
        {{ method_type(
            json_string('object', 'object'),
            json_string('object', 'type')
        ) }} as method_type,
        {{ method_columns('details', brand_else=json_string('object', 'type')) }},
        {{ json_instant('object', 'created') }} as created_at,
        event_type like '%.detached' or event_type like '%.deleted' as is_detached
    from methods
    where {{ json_id('object', 'id') }} is not null
)

select * from final

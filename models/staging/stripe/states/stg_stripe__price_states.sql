with

events as (
    select *
    from {{ stripe_objects('price', ['price', 'plan']) }} as states
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
        {{ json_id('object', 'id') }} as price_id,
        {{ json_id('object', 'product') }} as product_id,
        coalesce(
            {{ json_string('object', 'nickname') }},
            {{ json_string('object', 'name') }}
        ) as name,
        {{ json_currency('object', 'currency') }} as currency,
        coalesce(
            {{ json_decimal('object', 'unit_amount_decimal') }},
            {{ json_decimal('object', 'unit_amount') }},
            {{ json_decimal('object', 'amount_decimal') }},
            {{ json_decimal('object', 'amount') }}
        ) as unit_amount,
        coalesce(
            {{ json_string('object', 'recurring.interval') }},
            {{ json_string('object', 'interval') }}
        ) as recurring_interval,
        coalesce(
            {{ json_amount('object', 'recurring.interval_count') }},
            {{ json_amount('object', 'interval_count') }}
        ) as interval_count,
        coalesce(
            {{ json_string('object', 'recurring.usage_type') }},
            {{ json_string('object', 'usage_type') }},
            'licensed'
        ) as usage_type,
        coalesce({{ json_string('object', 'billing_scheme') }}, 'per_unit')
            as billing_scheme,
        {{ json_string('object', 'tiers_mode') }} as tiers_mode,
        {{ json_list('object', 'tiers') }} as tiers,
        coalesce(
            {{ json_amount('object', 'transform_quantity.divide_by') }},
            {{ json_amount('object', 'transform_usage.divide_by') }}
        ) as package_size,
        coalesce(
            {{ json_string('object', 'transform_quantity.round') }},
            {{ json_string('object', 'transform_usage.round') }}
        ) as package_rounding,
        coalesce({{ json_flag('object', 'active') }}, true) as is_active,
        event_type like '%.deleted' as is_deleted,
        {{ json_instant('object', 'created') }} as created_at
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

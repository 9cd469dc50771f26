{#
    The items of a subscription in each of its states, one meaning per column whatever the API version. A price comes with
    every item that has it; each is read once. An old subscription is its own item; its discount is its own, too.
#}

{{ config(
    indexes=[
        {'columns': ['event_id']},
        {'columns': ['subscription_id']},
        {'columns': ['batch'], 'type': 'brin'},
    ],
    pre_hook='{{ join_by_hash() }}',
) }}

with

states as (
    select
        event_id,
        subscription_id,
        items,
        inclusive_tax_percent,
        has_more_items,
        occurred_at,
        batch
    from {{ ref('stg_stripe__subscription_states') }}
    where {{ of_new_batches('batch') }}
),

items as (
    select
        states.event_id,
        states.subscription_id,
        states.has_more_items,
        states.occurred_at,
        states.batch,
        item.item_number::integer as item_number,
        {{ json_string('item.value', 'id') }} as subscription_item_id,
        coalesce(
            {{ json_id('item.value', 'price') }},
            {{ json_id('item.value', 'plan') }}
        ) as price_id,
        coalesce({{ json_amount('item.value', 'quantity') }}, 1) as quantity,
        case
            when {{ json_string('item.value', 'object') }} = 'subscription'
                then {{ json_none() }}
            else {{ json_one_or_many('item.value', 'discount', 'discounts') }}
        end as discounts,
        coalesce(
            {{ json_decimal_sum(
                'item.value', 'tax_rates', 'percentage', {'inclusive': true}
            ) }},
            states.inclusive_tax_percent,
            0
        ) as inclusive_tax_percent,
        {{ json_first_object('item.value', ['price', 'plan']) }} as price,
        {{ json_list('item.value', 'plan.tiers') }} as plan_tiers
    from states
    cross join lateral {{ numbered_elements_of('states.items') }}
        as item (value, item_number)
),

priced as (
    select distinct
        price,
        plan_tiers
    from items
    where price is not null
),

prices as (
    select
        price,
        plan_tiers,
        coalesce(
            {{ json_string('price', 'nickname') }},
            {{ json_string('price', 'name') }}
        ) as price_name,
        {{ json_id('price', 'product') }} as product_id,
        {{ json_currency('price', 'currency') }} as currency,
        coalesce(
            {{ json_decimal('price', 'unit_amount_decimal') }},
            {{ json_decimal('price', 'unit_amount') }},
            {{ json_decimal('price', 'amount_decimal') }},
            {{ json_decimal('price', 'amount') }}
        ) as unit_amount,
        coalesce(
            {{ json_string('price', 'recurring.interval') }},
            {{ json_string('price', 'interval') }}
        ) as recurring_interval,
        coalesce(
            {{ json_amount('price', 'recurring.interval_count') }},
            {{ json_amount('price', 'interval_count') }}
        ) as interval_count,
        coalesce(
            {{ json_string('price', 'recurring.usage_type') }},
            {{ json_string('price', 'usage_type') }},
            'licensed'
        ) as usage_type,
        coalesce({{ json_string('price', 'billing_scheme') }}, 'per_unit')
            as billing_scheme,
        {{ json_string('price', 'tiers_mode') }} as tiers_mode,
        coalesce(
            nullif({{ json_list('price', 'tiers') }}, {{ json_none() }}), plan_tiers
        ) as tiers,
        coalesce(
            {{ json_amount('price', 'transform_quantity.divide_by') }},
            {{ json_amount('price', 'transform_usage.divide_by') }}
        ) as package_size,
        coalesce(
            {{ json_string('price', 'transform_quantity.round') }},
            {{ json_string('price', 'transform_usage.round') }}
        ) as package_rounding
    from priced
),

keyed_prices as (
    select
        *,
        {{ dbt_utils.generate_surrogate_key([
            'product_id',
            'currency',
            shortest('unit_amount'),
            'recurring_interval',
            'interval_count',
            'usage_type',
            'billing_scheme',
            'tiers_mode',
            'tiers',
            'package_size',
            'package_rounding',
        ]) }} as price_key
    from prices
),

final as (
    select
        items.event_id,
        items.subscription_id,
        items.occurred_at,
        items.batch,
        items.item_number,
        {{ dbt_utils.generate_surrogate_key([
            'items.subscription_item_id',
            'items.price_id',
            'items.quantity',
            shortest('items.inclusive_tax_percent'),
            'keyed_prices.price_key',
        ]) }} as item_key,
        items.subscription_item_id,
        items.price_id,
        keyed_prices.price_name,
        keyed_prices.product_id,
        items.quantity,
        keyed_prices.currency,
        keyed_prices.unit_amount,
        keyed_prices.recurring_interval,
        keyed_prices.interval_count,
        coalesce(keyed_prices.usage_type, 'licensed') as usage_type,
        coalesce(keyed_prices.billing_scheme, 'per_unit') as billing_scheme,
        keyed_prices.tiers_mode,
        keyed_prices.tiers,
        keyed_prices.package_size,
        keyed_prices.package_rounding,
        items.inclusive_tax_percent,
        items.discounts,
        items.has_more_items
    from items
    left join keyed_prices
        on
            items.price = keyed_prices.price
            and items.plan_tiers is not distinct from keyed_prices.plan_tiers
)

select * from final

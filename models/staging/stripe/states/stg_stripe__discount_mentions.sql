{#
    The discounts that the states of subscriptions, of their items and of customers bear, in order: whole, by id, or by
    coupon. A customer's row that says `is_removed` tells that there is none.
#}

{{ config(indexes=[
    {'columns': ['event_id']},
    {'columns': ['batch'], 'type': 'brin'},
]) }}

with

mentions as (
    select
        states.event_id,
        states.batch,
        states.subscription_id,
        null as stripe_customer_id,
        'subscription' as level,
        null::integer as item_number,
        one.discount_number,
        one.value as discount
    from {{ ref('stg_stripe__subscription_states') }} as states
    cross join
        lateral {{ numbered_elements_of('states.discounts') }}
            as one (value, discount_number)
    where {{ of_new_batches('states.batch') }} and states.discounts <> {{ json_none() }}
    union all
    select
        items.event_id,
        items.batch,
        items.subscription_id,
        null as stripe_customer_id,
        'item' as level,
        items.item_number,
        one.discount_number,
        one.value as discount
    from {{ ref('stg_stripe__subscription_items') }} as items
    cross join
        lateral {{ numbered_elements_of('items.discounts') }}
            as one (value, discount_number)
    where {{ of_new_batches('items.batch') }} and items.discounts <> {{ json_none() }}
    union all
    select
        event_id,
        batch,
        null as subscription_id,
        stripe_customer_id,
        'customer' as level,
        null as item_number,
        1 as discount_number,
        discount
    from {{ ref('stg_stripe__customer_states') }}
    where {{ of_new_batches('batch') }} and discount is not null
),

opened as (
    select
        *,
        {{ json_first_object('discount', ['coupon', 'source.coupon']) }} as coupon
    from mentions
    {{ worked_out_once() }}
),

final as (
    select
        event_id,
        batch,
        subscription_id,
        stripe_customer_id,
        level,
        item_number,
        discount_number,
        {{ json_own_id('discount') }} as discount_id,
        coalesce(
            {{ json_id('discount', 'coupon') }},
            {{ json_id('discount', 'source.coupon') }}
        ) as coupon_id,
        coalesce(
            {{ json_decimal('coupon', 'percent_off_precise') }},
            {{ json_decimal('coupon', 'percent_off') }}
        ) as percent_off,
        {{ json_amount('coupon', 'amount_off') }} as amount_off_minor,
        {{ json_currency('coupon', 'currency') }} as currency,
        {{ json_string('coupon', 'duration') }} as duration,
        {{ json_instant('coupon', 'created') }} as coupon_created_at,
        {{ json_instant('discount', 'start') }} as starts_at,
        {{ json_instant('discount', 'end') }} as ends_at,
        discount = 'null' as is_removed
    from opened
)

select * from final

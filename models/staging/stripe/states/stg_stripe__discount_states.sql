with

events as (
    select *
    from {{ stripe_objects('discount', ['discount']) }} as states
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
            {{ json_id('object', 'subscription') }},
            {{ json_id('object', 'customer') }}
        ) as discount_key,
        {{ json_id('object', 'id') }} as discount_id,
        coalesce(
            {{ json_id('object', 'customer') }},
            {{ json_id('object', 'customer_account') }}
        ) as stripe_customer_id,
        {{ json_id('object', 'subscription') }} as subscription_id,
        {{ json_id('object', 'subscription_item') }} as subscription_item_id,
        coalesce(
            {{ json_id('object', 'invoice') }},
            {{ json_id('object', 'invoice_item') }},
            case
                when
                    {{ json_id('object', 'subscription') }} is null
                    and {{ json_id('object', 'subscription_item') }} is null
                    then {{ json_id('object', 'checkout_session') }}
            end
        ) is not null as is_of_one_bill,
        coalesce(
            {{ json_id('object', 'coupon') }},
            {{ json_id('object', 'source.coupon') }}
        ) as coupon_id,
        coalesce(
            {{ json_decimal('object', 'coupon.percent_off_precise') }},
            {{ json_decimal('object', 'coupon.percent_off') }},
            {{ json_decimal('object', 'source.coupon.percent_off') }}
        ) as percent_off,
        coalesce(
            {{ json_amount('object', 'coupon.amount_off') }},
            {{ json_amount('object', 'source.coupon.amount_off') }}
        ) as amount_off_minor,
        coalesce(
            {{ json_currency('object', 'coupon.currency') }},
            {{ json_currency('object', 'source.coupon.currency') }}
        ) as currency,
        coalesce(
            {{ json_string('object', 'coupon.duration') }},
            {{ json_string('object', 'source.coupon.duration') }}
        ) as duration,
        coalesce(
            {{ json_instant('object', 'coupon.created') }},
            {{ json_instant('object', 'source.coupon.created') }}
        ) as coupon_created_at,
        {{ json_instant('object', 'start') }} as starts_at,
        {{ json_instant('object', 'end') }} as ends_at,
        event_type like '%.deleted' as is_deleted
    from events
    where
        coalesce(
            {{ json_id('object', 'id') }},
            {{ json_id('object', 'subscription') }},
            {{ json_id('object', 'customer') }}
        ) is not null
)

select * from final

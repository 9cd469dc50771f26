with

events as (
    select *
    from {{ stripe_objects('subscription', ['subscription']) }} as states
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
        {{ json_id('object', 'id') }} as subscription_id,
        coalesce(
            {{ json_id('object', 'customer') }},
            {{ json_id('object', 'customer_account') }},
            {{ json_id('object', 'id') }}
        ) as stripe_customer_id,
        {{ json_string('object', 'status') }} as status,
        coalesce(
            {{ json_list('object', 'items.data') }},
            {{ json_list_of('object') }}
        ) as items,
        coalesce(
            {{ json_currency('object', 'currency') }},
            {{ json_currency('object', 'items.data.0.price.currency') }},
            {{ json_currency('object', 'items.data.0.plan.currency') }},
            {{ json_currency('object', 'plan.currency') }}
        ) as currency,
        {{ json_one_or_many('object', 'discount', 'discounts') }} as discounts,
        {{ json_decimal_sum(
            'object', 'default_tax_rates', 'percentage', {'inclusive': true}
        ) }} as inclusive_tax_percent,
        {{ json_id('object', 'default_payment_method') }} as default_payment_method_id,
        {{ json_id('object', 'default_source') }} as default_source_id,
        coalesce(
            {{ json_instant('object', 'current_period_start') }},
            {{ json_instant('object', 'items.data.0.current_period_start') }}
        ) as current_period_starts_at,
        coalesce(
            {{ json_instant('object', 'current_period_end') }},
            {{ json_instant('object', 'items.data.0.current_period_end') }}
        ) as current_period_ends_at,
        {{ json_instant('object', 'trial_start') }} as trial_starts_at,
        {{ json_instant('object', 'trial_end') }} as trial_ends_at,
        coalesce(
            {{ json_instant('object', 'start_date') }},
            {{ json_instant('object', 'created') }},
            {{ json_instant('object', 'start') }}
        ) as started_at,
        {{ json_instant('object', 'cancel_at') }} as cancel_at,
        coalesce({{ json_flag('object', 'cancel_at_period_end') }}, false)
            as cancels_at_period_end,
        {{ json_instant('object', 'canceled_at') }} as canceled_at,
        coalesce(
            {{ json_instant('object', 'ended_at') }},
            case when event_type like '%.deleted' then occurred_at end
        ) as ended_at,
        coalesce({{ json_type('object', 'pause_collection') }} = 'object', false)
            as has_paused_collection,
        coalesce({{ json_flag('object', 'items.has_more') }}, false) as has_more_items
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

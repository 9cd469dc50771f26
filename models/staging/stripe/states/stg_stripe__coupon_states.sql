with

events as (
    select *
    from {{ stripe_objects('coupon', ['coupon']) }} as states
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
        {{ json_id('object', 'id') }} as coupon_id,
        {{ json_string('object', 'name') }} as name,
        coalesce(
            {{ json_decimal('object', 'percent_off_precise') }},
            {{ json_decimal('object', 'percent_off') }}
        ) as percent_off,
        {{ json_amount('object', 'amount_off') }} as amount_off_minor,
        {{ json_currency('object', 'currency') }} as currency,
        {{ json_string('object', 'duration') }} as duration,
        {{ json_amount('object', 'duration_in_months') }} as duration_month_count,
        {{ json_instant('object', 'created') }} as created_at,
        event_type like '%.deleted' as is_deleted
    from events
    where {{ json_id('object', 'id') }} is not null
)

select * from final

{#
    What was taken of each charge. Where only a part of a hold is taken, the rest is let go and stands in amount_refunded
    from then on, though nobody had paid it; of a hold taken in parts, from the last capture on. Versions without
    amount_captured show the rest as the amount_refunded of charge.captured.
#}

with

states as (
    select
        charge_id,
        event_type,
        occurred_at,
        amount_minor,
        amount_captured_minor,
        amount_refunded_minor,
        coalesce(amount_captured_minor > 0, true) as is_captured,
        max(amount_captured_minor) over (partition by charge_id) as most_captured_minor
    from {{ ref('stg_stripe__charge_states') }}
),

charges as (
    select
        charge_id,
        min(occurred_at) filter (where is_captured) as captured_at,
        max(amount_minor) filter (where is_captured) as amount_minor,
        max(amount_captured_minor) filter (where is_captured) as told_minor,
        min(amount_refunded_minor) filter (
            where
            is_captured
            and coalesce(amount_captured_minor = most_captured_minor, true)
        ) as least_refunded_minor,
        min(amount_refunded_minor) filter (
            where is_captured and event_type = 'charge.captured'
        ) as refunded_at_capture_minor
    from states
    group by charge_id
),

released as (
    select
        charge_id,
        captured_at,
        amount_minor,
        told_minor,
        case
            when told_minor is null then coalesce(refunded_at_capture_minor, 0)
            else least(greatest(amount_minor - told_minor, 0), least_refunded_minor)
        end as amount_released_minor
    from charges
),

final as (
    select
        charge_id,
        captured_at,
        case
            when captured_at is null then 0
            else coalesce(told_minor, amount_minor - amount_released_minor)
        end as amount_captured_minor,
        case when captured_at is not null then amount_released_minor end
            as amount_released_minor
    from released
)

select * from final

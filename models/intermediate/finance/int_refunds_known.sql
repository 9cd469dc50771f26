{#
    Each refund that has an id, once: as an object of its own, or in the list that any state of a charge carries. What
    has failed stays so. One that names no charge is of the one that its payment intent took the money with. A hold that
    is let go, whole or the rest of it, may look like a refund; no money had come.
#}

with

tellings as (
    select
        refund_id,
        charge_id,
        payment_intent_id,
        status,
        currency,
        amount_minor,
        created_at,
        occurred_at
    from {{ ref('stg_stripe__refund_states') }}
    union all
    select
        {{ json_string('refund.value', 'id') }} as refund_id,
        states.charge_id,
        states.payment_intent_id,
        {{ json_string('refund.value', 'status') }} as status,
        states.currency,
        {{ json_amount('refund.value', 'amount') }} as amount_minor,
        {{ json_instant('refund.value', 'created') }} as created_at,
        states.occurred_at
    from {{ ref('stg_stripe__charge_states') }} as states
    cross join lateral {{ elements_of('states.refunds') }} as refund (value)
    where states.refunds <> {{ json_none() }}
),

refunds_told as (
    select
        refund_id,
        max(charge_id) as charge_id,
        max(payment_intent_id) as payment_intent_id,
        max(currency) as currency,
        max(amount_minor) as amount_minor,
        coalesce(min(created_at), min(occurred_at)) as refunded_at,
        least(min(created_at), min(occurred_at)) as known_at,
        min(occurred_at) filter (where status in ('failed', 'canceled')) as failed_at
    from tellings
    where refund_id is not null
    group by refund_id
),

charges_of_intents as (
    select
        payment_intent_id,
        min(charge_id) as charge_id
    from {{ ref('stg_stripe__charge_states') }}
    where
        status = 'succeeded'
        and payment_intent_id in (
            select refunds_told.payment_intent_id
            from refunds_told
            where refunds_told.charge_id is null
        )
    group by payment_intent_id
),

refunds as (
    select
        refunds_told.refund_id,
        coalesce(refunds_told.charge_id, charges_of_intents.charge_id) as charge_id,
        refunds_told.currency,
        refunds_told.amount_minor,
        refunds_told.refunded_at,
        refunds_told.known_at,
        refunds_told.failed_at
    from refunds_told
    left join charges_of_intents
        on refunds_told.payment_intent_id = charges_of_intents.payment_intent_id
),

captures as (
    select
        charge_id,
        captured_at,
        amount_released_minor
    from {{ ref('int_charges_captured') }}
    where {{ is_among('charge_id', 'select refunds.charge_id from refunds') }}
),

refunds_of_money as (
    select
        refunds.*,
        captures.amount_released_minor,
        refunds.refunded_at <= captures.captured_at as is_of_capture,
        row_number() over (
            partition by refunds.charge_id, refunds.amount_minor
            order by refunds.refunded_at, refunds.refund_id
        ) as place
    from refunds
    left join captures on refunds.charge_id = captures.charge_id
    where captures.charge_id is null or captures.captured_at is not null
),

final as (
    select
        refund_id,
        charge_id,
        currency,
        amount_minor,
        refunded_at,
        known_at,
        failed_at
    from refunds_of_money
    where
        place > 1
        or not coalesce(is_of_capture and amount_minor = amount_released_minor, false)
)

select * from final

{# Each dispute that took money, once, as it was last told, and when it was closed so. #}

with

disputed_by_id as (
    select charge_id
    from {{ ref('stg_stripe__dispute_states') }}
    where has_own_id
    group by charge_id
),

{#
    They take no money, and neither does a dispute that was prevented by a refund. That an inquiry was closed by one is told
    without saying any more that it was an inquiry.
#}
inquiries as (
    select dispute_id
    from {{ ref('stg_stripe__dispute_states') }}
    group by dispute_id
    having
        bool_or(status like 'warning%' or status = 'prevented')
        and bool_and(
            status like 'warning%' or status in ('prevented', 'charge_refunded')
        )
),

{# Of one dispute an older API version tells without its id, a newer one with it. #}
disputes as (
    select
        latest.dispute_id,
        latest.charge_id,
        latest.status,
        latest.currency,
        latest.amount_minor,
        latest.created_at,
        coalesce(latest.created_at, latest.occurred_at) as opened_at
    from {{ latest_states('stg_stripe__dispute_states') }} as latest
    left join disputed_by_id on latest.charge_id = disputed_by_id.charge_id
    left join inquiries on latest.dispute_id = inquiries.dispute_id
    where
        inquiries.dispute_id is null
        and (latest.has_own_id or disputed_by_id.charge_id is null)
),

{#
    An object fetched from the API does not say when it was closed; of one that was won the balance tells when the money
    came back, and a closing may have been told without the dispute's id.
#}
closings_told as (
    select
        dispute_id,
        status,
        occurred_at as closed_at
    from {{ ref('stg_stripe__dispute_states') }}
    where status in ('won', 'lost')
    union all
    select
        states.dispute_id,
        states.status,
        {{ json_instant('entry.value', 'created') }} as closed_at
    from {{ ref('stg_stripe__dispute_states') }} as states
    cross join lateral {{ elements_of('states.balance_transactions') }} as entry (value)
    where
        states.status = 'won'
        and {{ json_amount('entry.value', 'amount') }} > 0
    union all
    select
        disputes.dispute_id,
        states.status,
        states.occurred_at as closed_at
    from disputes
    inner join {{ ref('stg_stripe__dispute_states') }} as states
        on
            disputes.charge_id = states.charge_id
            and coalesce(disputes.created_at = states.created_at, true)
    where not states.has_own_id and states.status in ('won', 'lost')
),

closings as (
    select
        dispute_id,
        status,
        min(closed_at) as closed_at
    from closings_told
    group by dispute_id, status
),

final as (
    select
        disputes.dispute_id,
        disputes.charge_id,
        disputes.status,
        disputes.currency,
        disputes.amount_minor,
        disputes.opened_at,
        closings.closed_at
    from disputes
    left join closings
        on
            disputes.dispute_id = closings.dispute_id
            and disputes.status = closings.status
)

select * from final

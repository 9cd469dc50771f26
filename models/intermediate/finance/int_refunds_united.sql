{#
    Each refund once. The archive may know it as an object of its own, in the list that a charge of old carries, or
    only by the growth of the charge's amount_refunded; what objects and lists leave unexplained of that is a refund of its
    own at the time of the growth.
#}

with

objects as (
    select
        refund_id,
        charge_id,
        status,
        currency,
        amount_minor,
        coalesce(created_at, occurred_at) as refunded_at
    from {{ latest_states('stg_stripe__refund_states') }} as latest
),

{% set was_refunded -%}
states.charge_id in (
    select refunded.charge_id
    from {{ ref('stg_stripe__charge_states') }} as refunded
    where refunded.amount_refunded_minor > 0
)
{%- endset -%}

charges as (
    select
        charge_id,
        currency,
        amount_refunded_minor,
        refunds
    from {{ latest_states('stg_stripe__charge_states', was_refunded) }} as latest
    where amount_refunded_minor > 0
),

listed as (
    select
        {{ json_string('refund.value', 'id') }} as refund_id,
        charges.charge_id,
        coalesce({{ json_string('refund.value', 'status') }}, 'succeeded') as status,
        charges.currency,
        {{ json_amount('refund.value', 'amount') }} as amount_minor,
        {{ json_instant('refund.value', 'created') }} as refunded_at
    from charges
    cross join lateral {{ elements_of('charges.refunds') }} as refund (value)
),

known as (
    select * from objects
    union all
    select listed.*
    from listed
    left join objects on listed.refund_id = objects.refund_id
    where objects.refund_id is null and listed.refund_id is not null
),

explained as (
    select
        charge_id,
        sum(amount_minor) as amount_minor
    from known
    where status not in ('failed', 'canceled')
    group by charge_id
),

{# More than ever before: what was taken back and is given again has been told. #}
growths as (
    select
        states.charge_id,
        states.occurred_at,
        states.event_id,
        states.currency,
        states.amount_refunded_minor,
        coalesce(
            max(states.amount_refunded_minor) over (
                partition by states.charge_id
                order by {{ in_order('states') }}
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as refunded_before_minor
    from {{ ref('stg_stripe__charge_states') }} as states
    left join {{ ref('stg_stripe__tie_positions') }} as ties
        on states.event_id = ties.event_id
    where states.charge_id in (select charges.charge_id from charges)
),

unexplained as (
    select
        growths.charge_id || ':' || growths.event_id as refund_id,
        growths.charge_id,
        'succeeded' as status,
        growths.currency,
        least(growths.amount_refunded_minor, charges.amount_refunded_minor)
        - greatest(
            growths.refunded_before_minor,
            coalesce(explained.amount_minor, 0)
        ) as amount_minor,
        growths.occurred_at as refunded_at
    from growths
    inner join charges on growths.charge_id = charges.charge_id
    left join explained on growths.charge_id = explained.charge_id
    where growths.amount_refunded_minor > growths.refunded_before_minor
),

final as (
    select
        refund_id,
        charge_id,
        status,
        currency,
        amount_minor,
        refunded_at
    from known
    where status not in ('failed', 'canceled')
    union all
    select
        refund_id,
        charge_id,
        status,
        currency,
        amount_minor,
        refunded_at
    from unexplained
    where amount_minor > 0
)

select * from final

{#
    Each refund that stands, once. What the refunds known by id leave unexplained of a charge's amount_refunded is a refund of
    its own: given at the state from which on it stays unexplained.

    A known refund explains the growth from one state of the charge on, the first of these that there is:
    1. a state up to five seconds before or after it that grew by just its amount, or would have but for a refund that
       failed meanwhile;
    2. the first that grew by all known refunds given since the state before it;
    3. the last that grew by just its amount before the refund was known;
    4. the first that did so later;
    5. the first from its own second on that shows as much.
    A state of after it failed does not have it. It explains no longer from the state on in which the charge took just its
    amount back, or that is of after it failed. Of refunds of one amount a few seconds apart each has a state of its own, in
    their order.
#}

{% set lag = "interval '5 seconds'" -%}
{% set given_since_the_one_before -%}
coalesce(states.previous_at < known.refunded_at, true)
            and states.occurred_at >= known.refunded_at
            and coalesce(states.occurred_at < known.failed_at, true)
{%- endset -%}

with

numbered as (
    select
        *,
        row_number() over (
            partition by charge_id, amount_minor
            order by refunded_at, refund_id
        ) as refund_number
    from {{ ref('int_refunds_known') }}
),

known as (
    select
        refund_id,
        charge_id,
        currency,
        amount_minor,
        refunded_at,
        known_at,
        failed_at,
        min(known_at) over twins as twins_known_at,
        refund_number + 1 - min(refund_number) over twins as turn
    from numbered
    window twins as (
        partition by charge_id, amount_minor
        order by refunded_at
        range between {{ lag }} preceding and current row
    )
),

refunded_charges as (
    select charge_id
    from {{ ref('stg_stripe__charge_states') }}
    where amount_refunded_minor > 0
    group by charge_id
),

captures as (
    select
        charge_id,
        amount_released_minor
    from {{ ref('int_charges_captured') }}
    where
        captured_at is not null
        and {{ is_among(
            'charge_id',
            'select refunded_charges.charge_id from refunded_charges'
        ) }}
),

charge_states as (
    select
        states.charge_id,
        states.event_id,
        states.currency,
        states.occurred_at,
        states.amount_refunded_minor - captures.amount_released_minor as refunded_minor,
        row_number() over in_order as place,
        states.amount_refunded_minor
        - coalesce(
            lag(states.amount_refunded_minor) over in_order,
            captures.amount_released_minor
        ) as growth_minor,
        lag(states.occurred_at) over in_order as previous_at
    from refunded_charges
    inner join captures on refunded_charges.charge_id = captures.charge_id
    inner join {{ ref('stg_stripe__charge_states') }} as states
        on captures.charge_id = states.charge_id
    left join {{ ref('stg_stripe__tie_positions') }} as ties
        on states.event_id = ties.event_id
    where coalesce(states.amount_captured_minor > 0, true)
    window in_order as (partition by states.charge_id order by {{ in_order('states') }})
),

{# Of a refund that failed in the meantime no state may have told; what was given since is more than the growth then. #}
grown as (
    select
        states.charge_id,
        states.occurred_at,
        states.refunded_minor,
        states.place,
        states.previous_at,
        states.growth_minor,
        states.growth_minor + coalesce(sum(known.amount_minor) filter (
            where
            states.previous_at < known.failed_at
            and states.occurred_at >= known.failed_at
        ), 0) as given_minor,
        sum(known.amount_minor) filter (
            where {{ given_since_the_one_before }}
        ) as known_minor
    from charge_states as states
    left join known on states.charge_id = known.charge_id
    group by
        states.charge_id,
        states.occurred_at,
        states.refunded_minor,
        states.place,
        states.previous_at,
        states.growth_minor
),

given as (
    select
        known.refund_id,
        known.charge_id,
        known.amount_minor,
        known.refunded_at,
        known.failed_at,
        coalesce(
            {% for growth in ['given_minor', 'growth_minor'] -%}
            {{ nth_of(
                'states.place',
                'known.turn',
                'states.' ~ growth ~ ' = known.amount_minor
                and states.occurred_at >= known.twins_known_at
                and states.occurred_at <= known.refunded_at + ' ~ lag
            ) }},
            {% endfor -%}
            min(states.place) filter (
                where
                states.growth_minor = states.known_minor
                and {{ given_since_the_one_before }}
            ),
            max(states.place) filter (
                where
                states.growth_minor = known.amount_minor
                and states.occurred_at < known.known_at
            ),
            {{ nth_of(
                'states.place',
                'known.turn',
                'states.growth_minor = known.amount_minor
                and states.occurred_at >= known.twins_known_at
                and coalesce(states.occurred_at <= known.failed_at, true)'
            ) }},
            min(states.place) filter (
                where
                states.occurred_at >= known.known_at
                and states.refunded_minor >= known.amount_minor
                and coalesce(states.occurred_at <= known.failed_at, true)
            )
        ) as place
    from known
    inner join grown as states
        on
            known.charge_id = states.charge_id
            and known.twins_known_at - {{ lag }} <= states.occurred_at
    group by
        known.refund_id,
        known.charge_id,
        known.amount_minor,
        known.refunded_at,
        known.failed_at,
        known.turn
),

failed as (
    select
        given.refund_id,
        given.charge_id,
        given.amount_minor,
        coalesce(
            min(states.place) filter (
                where
                states.growth_minor = -given.amount_minor
                and states.occurred_at <= given.failed_at + {{ lag }}
            ),
            min(states.place) filter (
                where
                states.occurred_at > given.failed_at
                or (
                    states.occurred_at = given.failed_at
                    and states.refunded_minor < given.amount_minor
                    and given.refunded_at < given.failed_at
                )
            )
        ) as place
    from given
    inner join charge_states as states
        on
            given.charge_id = states.charge_id
            and given.place < states.place
    group by given.refund_id, given.charge_id, given.amount_minor
),

explanations as (
    select
        charge_id,
        place,
        amount_minor
    from given
    where place is not null
    union all
    select
        charge_id,
        place,
        -amount_minor as amount_minor
    from failed
    where place is not null
),

explained as (
    select
        charge_id,
        place,
        sum(amount_minor) as amount_minor
    from explanations
    group by charge_id, place
),

unexplained as (
    select
        states.charge_id,
        states.event_id,
        states.currency,
        states.occurred_at,
        states.place,
        states.refunded_minor
        - coalesce(sum(explained.amount_minor) over so_far, 0) as amount_minor
    from charge_states as states
    left join explained
        on
            states.charge_id = explained.charge_id
            and states.place = explained.place
    window so_far as (partition by states.charge_id order by states.place)
),

lasting as (
    select
        charge_id,
        event_id,
        currency,
        occurred_at,
        place,
        greatest(min(amount_minor) over from_now_on, 0)::bigint as amount_minor
    from unexplained
    window from_now_on as (partition by charge_id order by place desc)
),

growths as (
    select
        charge_id,
        event_id,
        currency,
        occurred_at,
        amount_minor
        - coalesce(lag(amount_minor) over so_far, 0) as amount_minor
    from lasting
    window so_far as (partition by charge_id order by place)
),

final as (
    select
        refund_id,
        charge_id,
        currency,
        amount_minor,
        refunded_at
    from known
    where failed_at is null
    union all
    select
        charge_id || ':' || event_id as refund_id,
        charge_id,
        currency,
        amount_minor,
        occurred_at as refunded_at
    from growths
    where amount_minor > 0
)

select * from final

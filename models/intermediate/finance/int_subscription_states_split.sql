{#
    The states of a subscription as spans, split where a discount begins or ends to count though no event of the
    subscription tells of it: a customer's discount that comes or goes, a repeating one that runs out, one for a single
    invoice whose period is over. Events of one second leave only the last of them.
#}

with

states as (
    select
        states.subscription_id,
        states.event_id,
        states.stripe_customer_id,
        states.status,
        states.currency,
        states.cancel_at,
        states.cancels_at_period_end,
        states.ended_at,
        states.current_period_starts_at,
        states.current_period_ends_at,
        states.occurred_at,
        lead(states.occurred_at) over (
            partition by states.subscription_id
            order by {{ in_order('states') }}
        ) as next_occurred_at
    from {{ ref('stg_stripe__subscription_states') }} as states
    left join {{ ref('stg_stripe__tie_positions') }} as ties
        on states.event_id = ties.event_id
),

lasting as (
    select
        *,
        coalesce(next_occurred_at, 'infinity'::timestamptz) as state_ends_at
    from states
    where next_occurred_at is null or next_occurred_at > occurred_at
),

discounts as (
    select
        event_id,
        level,
        discount_id,
        coupon_id,
        duration,
        starts_at,
        ends_at,
        is_removed
    from {{ ref('int_discounts_resolved') }}
),

{# What is told of a customer's discount; within a second an event of the discount itself has the last word. #}
customer_events as (
    select
        states.stripe_customer_id,
        states.event_id,
        states.occurred_at,
        1 as source_rank,
        states.life_cycle_rank
    from {{ ref('stg_stripe__customer_states') }} as states
    union all
    select
        states.stripe_customer_id,
        states.event_id,
        states.occurred_at,
        2 as source_rank,
        states.life_cycle_rank
    from {{ ref('stg_stripe__discount_states') }} as states
),

customer_mentions as (
    select
        states.stripe_customer_id,
        states.event_id,
        states.occurred_at,
        states.source_rank,
        states.life_cycle_rank,
        discounts.discount_id,
        discounts.coupon_id,
        discounts.duration,
        discounts.starts_at,
        discounts.ends_at,
        states.source_rank = 2 and discounts.is_removed as is_removal
    from discounts
    inner join customer_events as states on discounts.event_id = states.event_id
    where discounts.level = 'customer'
),

brief as (
    select
        *,
        bool_or(is_removal) over (
            partition by
                stripe_customer_id, occurred_at, source_rank, discount_id, starts_at
        ) as is_brief
    from customer_mentions
),

{# A discount that is given and removed within one second comes before any other discount of that second. #}
numbered as (
    select
        brief.*,
        row_number() over (
            partition by brief.stripe_customer_id
            order by
                brief.occurred_at,
                brief.source_rank,
                brief.is_brief desc,
                brief.is_removal,
                coalesce(ties.tie_position, 0),
                brief.life_cycle_rank,
                brief.event_id
        ) as mention_number
    from brief
    left join {{ ref('stg_stripe__tie_positions') }} as ties
        on brief.event_id = ties.event_id
),

followed as (
    select
        *,
        max(mention_number) filter (where not is_removal) over (
            partition by stripe_customer_id
            order by mention_number
            rows between unbounded preceding and 1 preceding
        ) as standing_number
    from numbered
),

{# That a discount is gone says nothing of another one that has taken its place. #}
telling as (
    select
        followed.*,
        lead(followed.occurred_at) over (
            partition by followed.stripe_customer_id
            order by followed.mention_number
        ) as next_occurred_at
    from followed
    left join numbered as standing
        on
            followed.stripe_customer_id = standing.stripe_customer_id
            and followed.standing_number = standing.mention_number
    where
        not followed.is_removal
        or not coalesce(
            case
                when
                    followed.discount_id is distinct from followed.coupon_id
                    and standing.discount_id is distinct from standing.coupon_id
                    then followed.discount_id <> standing.discount_id
                else
                    followed.coupon_id <> standing.coupon_id
                    or followed.starts_at < standing.starts_at
            end,
            false
        )
),

customer_spans as (
    select
        stripe_customer_id,
        event_id,
        duration,
        starts_at as discount_starts_at,
        ends_at as discount_ends_at,
        occurred_at as starts_at,
        coalesce(next_occurred_at, 'infinity'::timestamptz) as ends_at
    from telling
    where next_occurred_at is null or next_occurred_at > occurred_at
    union all
    select
        stripe_customer_id,
        null as event_id,
        null as duration,
        null as discount_starts_at,
        null as discount_ends_at,
        '-infinity'::timestamptz as starts_at,
        min(occurred_at) as ends_at
    from telling
    group by stripe_customer_id
),

own_discounts as (
    select
        event_id,
        bool_or(duration = 'once') as has_single_discount,
        {{ list_agg('starts_at', "duration = 'repeating'") }} as discount_starts,
        {{ list_agg('ends_at', "duration <> 'once'") }} as discount_ends
    from discounts
    where level <> 'customer'
    group by event_id
),

{# A state, or the part of it through which its customer's discount is the same. #}
parts as (
    select
        lasting.*,
        own_discounts.event_id is not null as has_discounts,
        own_discounts.discount_starts,
        own_discounts.discount_ends,
        customer_spans.event_id as customer_event_id,
        customer_spans.discount_starts_at,
        customer_spans.discount_ends_at,
        case
            when
                own_discounts.has_single_discount
                or customer_spans.duration = 'once'
                then lasting.current_period_ends_at
        end as single_ends_at,
        greatest(lasting.occurred_at, customer_spans.starts_at) as part_starts_at,
        least(lasting.state_ends_at, customer_spans.ends_at) as part_ends_at
    from lasting
    left join own_discounts on lasting.event_id = own_discounts.event_id
    left join customer_spans
        on
            lasting.stripe_customer_id = customer_spans.stripe_customer_id
            and lasting.occurred_at < customer_spans.ends_at
            and lasting.state_ends_at > customer_spans.starts_at
),

final as (
    select
        parts.subscription_id,
        boundaries.boundary_at as starts_at,
        parts.event_id,
        parts.customer_event_id,
        boundaries.boundary_at = parts.part_starts_at
        and parts.part_starts_at > parts.occurred_at as began_with_customer,
        parts.stripe_customer_id,
        case
            when parts.ended_at is null or parts.status = 'incomplete_expired'
                then parts.status
            else 'canceled'
        end as status,
        parts.cancels_at_period_end or parts.cancel_at is not null as is_ending,
        parts.currency,
        parts.current_period_starts_at,
        parts.current_period_ends_at,
        parts.has_discounts
    from parts
    cross join lateral (
        select distinct boundary_at
        from {{ values_of([
            list_of([
                'parts.part_starts_at',
                'parts.discount_starts_at',
                'parts.discount_ends_at',
                'parts.single_ends_at',
            ]),
            'parts.discount_starts',
            'parts.discount_ends',
        ]) }} as boundary (boundary_at)
        where
            boundary_at >= parts.part_starts_at
            and boundary_at < parts.part_ends_at
    ) as boundaries
)

select * from final

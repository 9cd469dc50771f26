{#
    Every discount that an event mentions, with its terms: on a subscription, on one of its items, or on a customer. An
    event may give the terms, only the discount's id, or only its coupon's; then they come from what told of these. Where
    nothing does, an id is that of the discount that the subscription bore until then in its place, if that had none:
    API versions before 2020-08-27 give discounts no ids. More than 100 percent, or less than nothing, are no terms.

    A customer's row that says `is_removed` tells that there is none from then on, or that this one is gone.

    A table, as what reads it needs it twice, and the planner must know how many there are.
#}

{{ config(
    materialized='table',
    contract={'enforced': true},
    tells={'subscription_id': 'subscription_id', 'stripe_customer_id': 'stripe_customer_id'},
    indexes=[{'columns': ['event_id']}],
) }}

with

discount_states as (
    select
        event_id,
        discount_id,
        stripe_customer_id,
        subscription_id,
        subscription_item_id,
        coupon_id,
        percent_off,
        amount_off_minor,
        currency,
        duration,
        coupon_created_at,
        starts_at,
        ends_at,
        is_deleted
    from {{ ref('stg_stripe__discount_states') }}
    where is_of_one_bill is not true
),

mentions as (
    select
        event_id,
        subscription_id,
        stripe_customer_id,
        level,
        item_number,
        discount_number,
        discount_id,
        coupon_id,
        percent_off,
        amount_off_minor,
        currency,
        duration,
        coupon_created_at,
        starts_at,
        ends_at,
        is_removed
    from {{ ref('stg_stripe__discount_mentions') }}
),

{# "No discount" is kept only of customers who ever had one. #}
discounted_customers as (
    select stripe_customer_id
    from mentions
    where level = 'customer' and not is_removed
    union
    select stripe_customer_id
    from discount_states
    where subscription_id is null and subscription_item_id is null
),

told as (
    select
        mentions.event_id,
        mentions.subscription_id,
        mentions.stripe_customer_id,
        mentions.level,
        mentions.item_number,
        mentions.discount_number,
        mentions.discount_id,
        mentions.coupon_id,
        mentions.percent_off,
        mentions.amount_off_minor,
        mentions.currency,
        mentions.duration,
        mentions.starts_at,
        mentions.ends_at,
        mentions.is_removed
    from mentions
    left join discounted_customers
        on mentions.stripe_customer_id = discounted_customers.stripe_customer_id
    where
        mentions.level <> 'customer'
        or discounted_customers.stripe_customer_id is not null
    union all
    select
        event_id,
        null as subscription_id,
        stripe_customer_id,
        'customer' as level,
        null as item_number,
        1 as discount_number,
        discount_id,
        coupon_id,
        percent_off,
        amount_off_minor,
        currency,
        duration,
        starts_at,
        ends_at,
        is_deleted as is_removed
    from discount_states
    where subscription_id is null and subscription_item_id is null
),

{#
    The discount's own events with terms come before mentions of it on subscriptions and customers; its last event may be
    of a version that shows no terms. Only its own event says that it was removed, with terms or without.
#}
known_discounts as (
    select distinct on (discount_id)
        discount_id,
        coupon_id,
        percent_off,
        amount_off_minor,
        currency,
        duration,
        starts_at,
        ends_at,
        max(deleted_at) over (partition by discount_id) as deleted_at
    from (
        select
            1 as source_rank,
            occurred_at,
            life_cycle_rank,
            event_id,
            discount_id,
            coupon_id,
            percent_off,
            amount_off_minor,
            currency,
            duration,
            starts_at,
            ends_at,
            case when is_deleted then occurred_at end as deleted_at
        from {{ ref('stg_stripe__discount_states') }}
        where discount_id is not null
        union all
        select
            2 as source_rank,
            null as occurred_at,
            null as life_cycle_rank,
            event_id,
            discount_id,
            coupon_id,
            percent_off,
            amount_off_minor,
            currency,
            duration,
            starts_at,
            ends_at,
            null as deleted_at
        from told
        where discount_id is not null and coalesce(coupon_id, duration) is not null
    ) as found
    order by
        discount_id,
        duration is null,
        source_rank,
        occurred_at desc nulls last,
        life_cycle_rank desc,
        event_id
),

nameless_before as (
    select distinct on (bare.discount_id)
        bare.discount_id,
        borne.coupon_id,
        borne.percent_off,
        borne.amount_off_minor,
        borne.currency,
        borne.duration,
        borne.starts_at,
        borne.ends_at
    from (
        select
            mentions.discount_id,
            mentions.discount_number,
            states.subscription_id,
            states.occurred_at
        from mentions
        inner join {{ ref('stg_stripe__subscription_states') }} as states
            on mentions.event_id = states.event_id
        left join known_discounts
            on mentions.discount_id = known_discounts.discount_id
        where
            mentions.level = 'subscription'
            and mentions.discount_id is not null
            and coalesce(mentions.coupon_id, mentions.duration) is null
            and known_discounts.discount_id is null
    ) as bare
    cross join
        lateral (
            select states.event_id
            from {{ ref('stg_stripe__subscription_states') }} as states
            left join {{ ref('stg_stripe__tie_positions') }} as ties
                on states.event_id = ties.event_id
            where
                states.subscription_id = bare.subscription_id
                and states.occurred_at < bare.occurred_at
            order by {{ in_order('states', 'desc') }}
            limit 1
        ) as before
    inner join mentions as borne
        on
            before.event_id = borne.event_id
            and bare.discount_number = borne.discount_number
    where borne.level = 'subscription' and borne.discount_id is null
    order by bare.discount_id, bare.occurred_at
),

discounts as (
    select *
    from known_discounts
    union all
    select
        nameless_before.*,
        null as deleted_at
    from nameless_before
),

{#
    The id of a coupon that was deleted may be given to another one; who has the former keeps it. One that has no event
    of its own is known from where it was told whole.
#}
coupons as (
    select distinct on (coupon_id, coalesce(created_at, occurred_at))
        coupon_id,
        percent_off,
        amount_off_minor,
        currency,
        duration,
        coalesce(created_at, occurred_at) as made_at,
        created_at is not null as is_dated
    from (
        select
            coupon_id,
            percent_off,
            amount_off_minor,
            currency,
            duration,
            created_at,
            occurred_at,
            event_id
        from {{ ref('stg_stripe__coupon_states') }}
        {%- for bearers in ['discount_states', 'mentions'] %}
        union all
        select
            coupon_id,
            percent_off,
            amount_off_minor,
            currency,
            duration,
            coupon_created_at as created_at,
            '-infinity' as occurred_at,
            event_id
        from {{ bearers }}
        where coupon_id is not null and duration is not null
        {%- endfor %}
    ) as found
    order by
        coupon_id,
        coalesce(created_at, occurred_at),
        occurred_at desc,
        event_id
),

known_coupons as (
    select
        *,
        case
            when lag(made_at) over by_age is null and not is_dated then '-infinity'
            else made_at
        end as starts_at,
        lead(made_at) over by_age as ends_at
    from coupons
    window by_age as (partition by coupon_id order by made_at)
),

currencies as (
    select
        currency,
        decimal_places
    from {{ ref('currencies') }}
),

{# Terms are taken whole, from the nearest that tells them. #}
resolved as (
    select
        told.event_id,
        told.subscription_id,
        told.stripe_customer_id,
        told.level,
        told.item_number,
        told.discount_number,
        coalesce(told.discount_id, told.coupon_id) as discount_id,
        coalesce(told.coupon_id, discounts.coupon_id) as coupon_id,
        {% for term in ['percent_off', 'amount_off_minor', 'currency', 'duration'] -%}
        case
            when told.duration is not null then told.{{ term }}
            when discounts.duration is not null then discounts.{{ term }}
            else known_coupons.{{ term }}
        end as {{ term }},
        {% endfor -%}
        coalesce(told.starts_at, discounts.starts_at) as starts_at,
        least(
            coalesce(told.ends_at, discounts.ends_at),
            discounts.deleted_at
        ) as ends_at,
        told.is_removed
    from told
    left join discounts on told.discount_id = discounts.discount_id
    left join known_coupons
        on
            coalesce(told.coupon_id, discounts.coupon_id) = known_coupons.coupon_id
            and coalesce(told.starts_at, discounts.starts_at, 'infinity')
            >= known_coupons.starts_at
            and (
                known_coupons.ends_at is null
                or coalesce(told.starts_at, discounts.starts_at, 'infinity')
                < known_coupons.ends_at
            )
),

final as (
    select
        {{ dbt_utils.generate_surrogate_key([
            'resolved.event_id',
            'resolved.level',
            'resolved.item_number',
            'resolved.discount_number',
        ]) }} as mention_key,
        resolved.event_id,
        resolved.subscription_id,
        resolved.stripe_customer_id,
        resolved.level,
        resolved.item_number,
        resolved.discount_number,
        resolved.discount_id,
        resolved.coupon_id,
        case
            when resolved.percent_off between 0 and 100 then resolved.percent_off
        end as percent_off,
        case
            when resolved.amount_off_minor >= 0
                then {{ major_units(
                    'resolved.amount_off_minor',
                    'currencies.decimal_places'
                ) }}
        end::numeric(38, 20) as amount_off,
        resolved.currency,
        resolved.duration,
        resolved.starts_at,
        resolved.ends_at,
        resolved.is_removed
    from resolved
    left join currencies on resolved.currency = currencies.currency
)

select * from final

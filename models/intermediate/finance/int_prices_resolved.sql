{#
    What is known of each price that a state of its own or an item of a subscription tells of. A price is called what it is
    called now, in all of its history, or another name would look like another plan. Its tiers, which Stripe shows only
    when asked to, come from wherever they were shown.

    A table, as it is small and the items that tell of prices are many, and as spans are made anew where one changes.
#}

{{ config(
    materialized='table',
    contract={'enforced': true},
    tells={'price_id': 'price_id'},
) }}

with

latest as (
    select
        price_id,
        name,
        product_id,
        currency,
        unit_amount,
        recurring_interval,
        interval_count,
        usage_type,
        billing_scheme,
        tiers_mode,
        package_size,
        package_rounding
    from {{ latest_states('stg_stripe__price_states') }} as latest_states
),

{# An API version that has no name for a price does not take it away. #}
names as (
    select distinct on (price_id)
        price_id,
        name
    from {{ ref('stg_stripe__price_states') }}
    where name is not null
    order by price_id, occurred_at desc, life_cycle_rank desc, event_id
),

told_by_items as (
    select
        price_id,
        price_name,
        product_id,
        max(occurred_at) as occurred_at
    from {{ ref('stg_stripe__subscription_items') }}
    where price_id is not null
    group by price_id, price_name, product_id
),

told as (
    select
        price_id,
        {{ first_of(
            'price_name',
            'price_name is null, occurred_at desc, price_name'
        ) }} as name,
        {{ first_of(
            'product_id',
            'product_id is null, occurred_at desc, product_id'
        ) }} as product_id
    from told_by_items
    group by price_id
),

shown_tiers as (
    select distinct on (price_id)
        price_id,
        tiers_mode,
        tiers
    from (
        select
            1 as source_rank,
            price_id,
            tiers_mode,
            tiers,
            occurred_at,
            event_id
        from {{ ref('stg_stripe__price_states') }}
        union all
        select
            2 as source_rank,
            price_id,
            tiers_mode,
            tiers,
            null as occurred_at,
            event_id
        from {{ ref('stg_stripe__subscription_items') }}
    ) as shown
    where tiers is not null and tiers <> {{ json_none() }}
    order by price_id, source_rank, occurred_at desc, event_id
),

product_names as (
    select
        product_id,
        name
    from {{ latest_states('stg_stripe__product_states') }} as latest_states
),

final as (
    select
        coalesce(latest.price_id, told.price_id) as price_id,
        coalesce(latest.name, names.name, told.name, product_names.name) as name,
        coalesce(latest.product_id, told.product_id) as product_id,
        latest.currency,
        latest.unit_amount,
        latest.recurring_interval,
        latest.interval_count,
        latest.usage_type,
        latest.billing_scheme,
        coalesce(latest.tiers_mode, shown_tiers.tiers_mode) as tiers_mode,
        shown_tiers.tiers,
        latest.package_size,
        latest.package_rounding
    from latest
    full join told on latest.price_id = told.price_id
    left join names on latest.price_id = names.price_id
    left join shown_tiers
        on coalesce(latest.price_id, told.price_id) = shown_tiers.price_id
    left join product_names
        on coalesce(latest.product_id, told.product_id) = product_names.product_id
)

select * from final

{#
    A subscription's state holds from one event that changes it to the next; events of one second leave only the last
    of them. States that follow each other and say the same are one span.
#}

with

states as (
    select
        states.subscription_id,
        states.occurred_at,
        states.stripe_customer_id,
        states.status,
        states.currency,
        states.event_id,
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
        subscription_id,
        occurred_at,
        stripe_customer_id,
        status,
        currency,
        event_id
    from states
    where next_occurred_at is null or next_occurred_at > occurred_at
),

price_names as (
    select
        price_id,
        name,
        product_id
    from {{ latest_states('stg_stripe__price_states') }} as latest
),

product_names as (
    select
        product_id,
        name
    from {{ latest_states('stg_stripe__product_states') }} as latest
),

items as (
    select
        event_id,
        price_id,
        price_name,
        product_id,
        quantity
    from {{ ref('stg_stripe__subscription_items') }}
),

plans as (
    select
        items.event_id,
        string_agg(
            distinct coalesce(
                items.price_name, price_names.name, product_names.name, items.price_id
            ),
            ' + '
        ) as plan,
        sum(items.quantity)::bigint as quantity
    from items
    left join price_names on items.price_id = price_names.price_id
    left join product_names
        on coalesce(items.product_id, price_names.product_id) = product_names.product_id
    group by items.event_id
),

described as (
    select
        lasting.subscription_id,
        lasting.occurred_at,
        lasting.stripe_customer_id,
        lasting.status,
        lasting.currency,
        plans.plan,
        plans.quantity
    from lasting
    left join plans on lasting.event_id = plans.event_id
),

compared as (
    select
        *,
        {{ dbt_utils.generate_surrogate_key(
            ['stripe_customer_id', 'status', 'currency', 'plan', 'quantity']
        ) }} as state_key
    from described
),

changes as (
    select *
    from (
        select
            *,
            lag(state_key) over (
                partition by subscription_id
                order by occurred_at
            ) as previous_state_key
        from compared
    ) as neighbours
    where state_key is distinct from previous_state_key
),

customers as (
    select
        stripe_customer_id,
        account_id
    from {{ ref('stripe_customers') }}
),

final as (
    select
        changes.subscription_id,
        changes.occurred_at as starts_at,
        lead(changes.occurred_at) over (
            partition by changes.subscription_id
            order by changes.occurred_at
        ) as ends_at,
        customers.account_id,
        changes.stripe_customer_id,
        changes.status,
        changes.plan,
        changes.quantity,
        changes.currency
    from changes
    left join customers on changes.stripe_customer_id = customers.stripe_customer_id
)

select * from final

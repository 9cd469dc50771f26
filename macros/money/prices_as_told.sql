{#
    A query of what the items of subscriptions tell of their prices: each price's newest name and product. condition: on
    `items`, which of them to ask.
#}
{% macro prices_as_told(condition='true') -%}
    select
        told.price_id,
        {{ first_of('told.price_name', 'told.price_name is null, told.occurred_at desc, told.price_name') }} as name,
        {{ first_of('told.product_id', 'told.product_id is null, told.occurred_at desc, told.product_id') }} as product_id
    from (
        select
            items.price_id,
            items.price_name,
            items.product_id,
            max(items.occurred_at) as occurred_at
        from {{ ref('stg_stripe__subscription_items') }} as items
        where {{ condition }}
        group by items.price_id, items.price_name, items.product_id
    ) as told
    group by told.price_id
{%- endmacro %}

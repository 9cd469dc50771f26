{#
    The subscriptions whose spans may have changed: with a new state of their own, of their customer or of its
    discounts; with a discount, their own or their customer's, or a price that is another; of a customer whose row is new
    or another (an account that goes takes the rows of its customers along); and those of which it was known that now a
    discount begins or ends.
#}
{% macro subscription_periods__part() -%}
    {%- set touched -%}
        {{ with_news('stg_stripe__subscription_states', 'subscription_id') }}
        union all
        select periods.subscription_id
        from {{ this }} as periods
        where periods.stripe_customer_id in (
            {{ with_news('stg_stripe__customer_states', 'stripe_customer_id') }}
            union all
            {{ with_news('stg_stripe__discount_states', 'stripe_customer_id') }}
            union all
            {{ told_by(ref('int_discounts_resolved'), 'stripe_customer_id') }}
        )
        union all
        {{ told_by(ref('int_discounts_resolved'), 'subscription_id') }}
        union all
        select states.subscription_id
        from {{ ref('stg_stripe__subscription_states') }} as states
        inner join {{ ref('stripe_customers') }} as customers
            on states.stripe_customer_id = customers.stripe_customer_id
        where customers.account_id in ({{ told_by(ref('stripe_customers'), 'account_id') }})
        union all
        select periods.subscription_id
        from {{ this }} as periods
        where periods.changes_at <= {{ now_at() }}
        union all
        select items.subscription_id
        from {{ ref('stg_stripe__subscription_items') }} as items
        where items.price_id in ({{ told_by(ref('int_prices_resolved'), 'price_id') }})
    {%- endset -%}
    {%- set key = part_key(
        views=[
            ref('int_subscription_states_split'),
            ref('int_subscription_items_priced'),
        ],
        tables=[ref('stripe_customers'), ref('int_discounts_resolved'), ref('int_prices_resolved')],
        inputs=[digest_of(ref('currencies'))],
    ) -%}
    {{ return({'key': key, 'touched': touched}) }}
{%- endmacro %}

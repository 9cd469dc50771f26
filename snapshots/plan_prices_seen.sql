{% snapshot plan_prices_seen %}

    {{ config(
        unique_key='plan_price_key',
        strategy='check',
        check_cols=['monthly_charge', 'name'],
        hard_deletes='invalidate',
    ) }}

    select
        plan_price_key,
        pricing_plan_id,
        starts_on,
        name,
        monthly_charge
    from {{ ref('stg_dogdb__plan_prices') }}
    where is_current

{% endsnapshot %}

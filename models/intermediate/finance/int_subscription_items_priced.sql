{#
    What each item of a subscription's state costs a month before discounts. What the state leaves out of the price is
    taken from what is known of the price otherwise. Where a price, a quantity or an interval makes no sense, what it costs
    is not known.

    Tax that is in a price comes off.

    Thirty digits, more than MRR has, so that it is the same number whichever way a discount is taken off.
#}

with

items as (
    select
        event_id,
        subscription_id,
        item_number,
        item_key,
        subscription_item_id,
        price_id,
        product_id,
        quantity,
        currency,
        unit_amount,
        recurring_interval,
        interval_count,
        usage_type,
        billing_scheme,
        tiers_mode,
        tiers,
        package_size,
        package_rounding,
        inclusive_tax_percent,
        has_more_items
    from {{ ref('stg_stripe__subscription_items') }}
),

prices as (
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
        tiers,
        package_size,
        package_rounding
    from {{ ref('int_prices_resolved') }}
),

completed as (
    select
        items.event_id,
        items.subscription_id,
        items.item_number,
        items.item_key,
        items.subscription_item_id,
        items.price_id,
        coalesce(items.product_id, prices.product_id) as product_id,
        coalesce(prices.name, items.price_id) as plan,
        items.quantity,
        coalesce(items.currency, prices.currency) as currency,
        coalesce(items.unit_amount, prices.unit_amount) as unit_amount,
        coalesce(items.recurring_interval, prices.recurring_interval)
            as recurring_interval,
        coalesce(items.interval_count, prices.interval_count, 1) as interval_count,
        case
            when items.recurring_interval is not null then items.usage_type
            else coalesce(prices.usage_type, items.usage_type)
        end as usage_type,
        case
            when items.recurring_interval is not null then items.billing_scheme
            else coalesce(prices.billing_scheme, items.billing_scheme)
        end as billing_scheme,
        coalesce(items.tiers_mode, prices.tiers_mode) as tiers_mode,
        coalesce(nullif(items.tiers, {{ json_none() }}), prices.tiers) as tiers,
        coalesce(items.package_size, prices.package_size) as package_size,
        coalesce(items.package_rounding, prices.package_rounding) as package_rounding,
        coalesce(items.inclusive_tax_percent, 0) as inclusive_tax_percent,
        items.has_more_items
    from items
    left join prices on items.price_id = prices.price_id
),

counted as (
    select
        *,
        {{ periods_per_year('recurring_interval') }}::numeric(60, 40)
        / case when interval_count > 0 then interval_count end as invoices_per_year,
        case
            when quantity < 0 then null
            when package_size > 1 and package_rounding = 'up'
                then ceil(quantity::numeric / package_size)
            when package_size > 1 then floor(quantity::numeric / package_size)
            else quantity::numeric
        end as billed_quantity
    from completed
),

costed as (
    select
        *,
        case
            when usage_type = 'metered' then 0
            when billing_scheme = 'tiered'
                then {{ tiered_amount('tiers', 'tiers_mode', 'billed_quantity') }}
            when unit_amount >= 0 then billed_quantity * unit_amount
        end as period_amount
    from counted
),

currencies as (
    select
        currency,
        decimal_places
    from {{ ref('currencies') }}
),

final as (
    select
        costed.event_id,
        costed.subscription_id,
        costed.item_number,
        costed.item_key,
        costed.subscription_item_id,
        costed.price_id,
        costed.product_id,
        costed.plan,
        costed.quantity,
        costed.currency,
        {{ major_units('costed.unit_amount', 'currencies.decimal_places') }}
        ::numeric(38, 20) as unit_amount,
        costed.recurring_interval,
        costed.interval_count,
        costed.usage_type,
        (costed.invoices_per_year / 12)::numeric(38, 30) as periods_per_month,
        costed.inclusive_tax_percent,
        case
            when costed.period_amount = 0 then 0
            when
                costed.period_amount > 0
                and costed.period_amount * costed.invoices_per_year < 1e15
                then
                {{ major_units(
                    'costed.period_amount * costed.invoices_per_year',
                    'currencies.decimal_places'
                ) }} / 12 / (1 + costed.inclusive_tax_percent / 100)
        end::numeric(48, 30) as list_mrr,
        costed.has_more_items
    from costed
    left join currencies on costed.currency = currencies.currency
)

select * from final

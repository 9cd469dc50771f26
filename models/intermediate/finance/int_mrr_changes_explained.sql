{#
    Why a subscription's MRR at a month's end differs from that at the end before. One that began or ended to count is
    a change of subscription. Otherwise item by item: another product is a change of plan, more or fewer units of one
    price are seats; of another price for the same product, the units at the old price are seats and the rest is the
    interval's or the price's. All at the discount of before; what then is missing is the discount's.
#}

with

months as (
    select
        subscription_id,
        month,
        account_id,
        currency,
        list_mrr,
        mrr,
        starts_at
    from {{ ref('int_subscription_months') }}
),

neighbours as (
    select
        subscription_id,
        account_id,
        currency,
        month,
        mrr,
        starts_at,
        lag(month) over history = {{ add_months('month', -1) }} as has_before,
        lag(mrr) over history as mrr_before,
        lag(list_mrr) over history as list_mrr_before,
        lag(starts_at) over history as starts_at_before,
        lead(month) over history as month_after
    from months
    window history as (
        partition by subscription_id, account_id, currency
        order by month
    )
),

began as (
    select
        account_id,
        currency,
        month,
        'subscription' as cause,
        mrr as amount
    from neighbours
    where has_before is not true
),

ended as (
    select
        account_id,
        currency,
        {{ next_month('month') }} as month,
        'subscription' as cause,
        -mrr as amount
    from neighbours
    where
        month_after is distinct from {{ next_month('month') }}
        and month < {{ utc_month(now_at()) }}
),

changed as (
    select
        subscription_id,
        account_id,
        currency,
        month,
        mrr - mrr_before as amount,
        case
            when list_mrr_before = 0 then 1
            else mrr_before / list_mrr_before
        end as share_paid,
        starts_at,
        starts_at_before
    from neighbours
    where has_before and mrr <> mrr_before
),

items as (
    select
        periods.subscription_id,
        periods.starts_at,
        coalesce(
            {{ json_string('item.value', 'subscription_item_id') }},
            item.item_number::text
        ) as item_key,
        {{ json_string('item.value', 'price_id') }} as price_id,
        coalesce(
            {{ json_string('item.value', 'product_id') }},
            {{ json_string('item.value', 'plan') }}
        ) as product,
        {{ json_string('item.value', 'interval') }} as recurring_interval,
        {{ json_decimal('item.value', 'interval_count') }} as interval_count,
        {{ json_decimal('item.value', 'quantity') }} as quantity,
        coalesce({{ json_decimal('item.value', 'list_mrr') }}, 0) as list_mrr
    from {{ ref('subscription_periods') }} as periods
    cross join lateral {{ numbered_elements_of('periods.items') }}
        as item (value, item_number)
),

items_before as (
    select
        changed.subscription_id,
        changed.month,
        items.item_key,
        items.price_id,
        items.product,
        items.recurring_interval,
        items.interval_count,
        items.quantity,
        items.list_mrr
    from changed
    inner join items
        on
            changed.subscription_id = items.subscription_id
            and changed.starts_at_before = items.starts_at
),

items_after as (
    select
        changed.subscription_id,
        changed.month,
        items.item_key,
        items.price_id,
        items.product,
        items.recurring_interval,
        items.interval_count,
        items.quantity,
        items.list_mrr
    from changed
    inner join items
        on
            changed.subscription_id = items.subscription_id
            and changed.starts_at = items.starts_at
),

compared as (
    select
        coalesce(items_after.subscription_id, items_before.subscription_id)
            as subscription_id,
        coalesce(items_after.month, items_before.month) as month,
        coalesce(items_after.list_mrr, 0) - coalesce(items_before.list_mrr, 0)
            as list_change,
        case
            when items_after.price_id is distinct from items_before.price_id
                and items_before.quantity > 0
                then
                    (items_after.quantity - items_before.quantity)
                    * items_before.list_mrr / items_before.quantity
            when items_after.quantity <> items_before.quantity
                then items_after.list_mrr - items_before.list_mrr
            else 0
        end as seats_change,
        case
            when items_after.product is distinct from items_before.product then 'plan'
            when
                items_after.recurring_interval
                is distinct from items_before.recurring_interval
                or items_after.interval_count
                is distinct from items_before.interval_count
                then 'interval'
            else 'price'
        end as other_cause
    from items_after
    full outer join items_before
        on
            items_after.subscription_id = items_before.subscription_id
            and items_after.month = items_before.month
            and items_after.item_key = items_before.item_key
),

parts as (
    select
        subscription_id,
        month,
        'seats' as cause,
        seats_change as list_change
    from compared
    where other_cause <> 'plan' and seats_change <> 0
    union all
    select
        subscription_id,
        month,
        other_cause as cause,
        list_change - case when other_cause = 'plan' then 0 else seats_change end
            as list_change
    from compared
),

parts_paid as (
    select
        changed.subscription_id,
        changed.account_id,
        changed.currency,
        changed.month,
        parts.cause,
        parts.list_change * changed.share_paid as amount
    from changed
    inner join parts
        on
            changed.subscription_id = parts.subscription_id
            and changed.month = parts.month
    where parts.list_change <> 0
),

discounted as (
    select
        changed.account_id,
        changed.currency,
        changed.month,
        'discount' as cause,
        changed.amount - coalesce(sum(parts_paid.amount), 0) as amount
    from changed
    left join parts_paid
        on
            changed.subscription_id = parts_paid.subscription_id
            and changed.month = parts_paid.month
    group by
        changed.subscription_id,
        changed.account_id,
        changed.currency,
        changed.month,
        changed.amount
),

united as (
    select * from began
    union all
    select * from ended
    union all
    select * from discounted
    union all
    select
        account_id,
        currency,
        month,
        cause,
        amount
    from parts_paid
),

final as (
    select
        account_id,
        currency,
        month,
        cause,
        round(sum(amount), 10) as amount
    from united
    group by account_id, currency, month, cause
    having round(sum(amount), 10) <> 0
)

select * from final

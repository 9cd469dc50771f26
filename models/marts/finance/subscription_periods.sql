{#
    A subscription's state holds from one event that changes it to the next, or to the instant from which a discount
    counts or no longer counts. Spans that follow each other and say the same are one. What is to come is not told.
#}

{{ config(
    part='subscription_id',
    tells={'account_id': 'account_id', 'subscription_id': 'subscription_id'},
    pre_hook="{{ note_part() }}",
) }}

with

known as (
    select
        *,
        min(starts_at) filter (where starts_at > {{ now_at() }}) over (
            partition by subscription_id
        ) as changes_at
    from {{ ref('int_subscription_states_split') }}
    where {{ of_touched_parts('subscription_id') }}
),

split as (
    select
        subscription_id,
        starts_at,
        event_id,
        customer_event_id,
        began_with_customer,
        stripe_customer_id,
        status,
        is_ending,
        currency,
        current_period_starts_at,
        current_period_ends_at,
        has_discounts,
        changes_at
    from known
    where starts_at <= {{ now_at() }}
),

discounts as (
    select
        event_id,
        level,
        item_number,
        discount_number,
        discount_id,
        coupon_id,
        percent_off,
        amount_off,
        currency,
        duration,
        starts_at,
        ends_at
    from {{ ref('int_discounts_resolved') }}
    where not is_removed
),

mentions as (
    select
        subscription_id,
        starts_at,
        event_id
    from split
    where has_discounts
    union all
    select
        subscription_id,
        starts_at,
        customer_event_id as event_id
    from split
    where customer_event_id is not null
),

{# All discounts of a span; is_in_time says whether each applies then. #}
discounts_in_time as (
    select
        split.subscription_id,
        split.starts_at,
        discounts.level,
        discounts.item_number,
        discounts.discount_number,
        discounts.discount_id,
        discounts.coupon_id,
        discounts.percent_off,
        discounts.amount_off,
        discounts.duration,
        coalesce(discounts.currency, split.currency) = split.currency
            as is_in_currency,
        coalesce(case discounts.duration
            when 'forever'
                then split.starts_at < coalesce(discounts.ends_at, 'infinity')
            when 'repeating'
                then
                    split.starts_at >= coalesce(discounts.starts_at, split.starts_at)
                    and split.starts_at < coalesce(discounts.ends_at, 'infinity')
            when 'once'
                then
                    discounts.starts_at < split.current_period_ends_at
                    and discounts.starts_at >= split.current_period_starts_at
                    and split.starts_at < split.current_period_ends_at
        end, false) as is_in_time
    from split
    inner join mentions
        on
            split.subscription_id = mentions.subscription_id
            and split.starts_at = mentions.starts_at
    inner join discounts on mentions.event_id = discounts.event_id
),

{# The customer's counts where the subscription has none that recurs. #}
discounts_in_force as (
    select
        *,
        is_in_time
        and (amount_off is null or coalesce(is_in_currency, false))
        and not (
            level = 'customer'
            and coalesce(bool_or(is_in_time and duration <> 'once') filter (
                where level = 'subscription'
            ) over (partition by subscription_id, starts_at), false)
        ) as is_in_force
    from discounts_in_time
),

discounts_of_spans as (
    select
        subscription_id,
        starts_at,
        item_number,
        {{ json_array_of(json_object({
            'discount_id': 'discount_id',
            'coupon_id': 'coupon_id',
            'level': 'level',
            'percent_off': shortest('percent_off'),
            'amount_off': shortest('amount_off'),
            'duration': 'duration',
            'is_in_force': 'is_in_force',
        }), 'level desc, discount_number') }} as discounts,
        bool_and(
            duration is not null
            and coalesce(percent_off, amount_off) is not null
            and (
                level = 'customer'
                or not is_in_time
                or amount_off is null
                or coalesce(is_in_currency, true)
            )
        ) as are_known
    from discounts_in_force
    group by subscription_id, starts_at, item_number
),

items as (
    select
        event_id,
        item_number,
        item_key,
        subscription_item_id,
        price_id,
        product_id,
        plan,
        quantity,
        currency,
        unit_amount,
        recurring_interval,
        interval_count,
        usage_type,
        periods_per_month,
        inclusive_tax_percent,
        list_mrr,
        has_more_items
    from {{ ref('int_subscription_items_priced') }}
    where {{ of_touched_parts('subscription_id') }}
),

states as (
    select distinct event_id
    from split
),

item_keys as (
    select
        states.event_id,
        string_agg(items.item_key, ' ' order by items.item_number) as items_key
    from states
    inner join items on states.event_id = items.event_id
    group by states.event_id
),

discount_keys as (
    select
        subscription_id,
        starts_at,
        {{ json_array_of('discounts', 'item_number nulls first') }} as discounts_key
    from discounts_of_spans
    group by subscription_id, starts_at
),

keyed as (
    select
        split.*,
        {{ dbt_utils.generate_surrogate_key([
            'split.stripe_customer_id',
            'split.status',
            'split.is_ending',
            'split.currency',
            'item_keys.items_key',
            'discount_keys.discounts_key',
        ]) }} as span_key
    from split
    left join item_keys on split.event_id = item_keys.event_id
    left join discount_keys
        on
            split.subscription_id = discount_keys.subscription_id
            and split.starts_at = discount_keys.starts_at
),

{# Most of what events tell of a subscription leaves all of this as it was: a period went by, an invoice was made. #}
changes as (
    select *
    from (
        select
            *,
            lag(span_key) over (
                partition by subscription_id
                order by starts_at
            ) as previous_span_key
        from keyed
    ) as neighbours
    where span_key is distinct from previous_span_key
),

{# A price that is shown in another currency than the subscription's does not tell what is paid. #}
items_paid as (
    select
        items.event_id,
        items.item_number,
        items.subscription_item_id,
        items.price_id,
        items.product_id,
        items.plan,
        items.quantity,
        items.unit_amount,
        items.recurring_interval,
        items.interval_count,
        items.usage_type,
        items.periods_per_month,
        items.inclusive_tax_percent,
        items.has_more_items,
        changes.subscription_id,
        changes.starts_at,
        items.currency,
        case
            when
                items.list_mrr = 0
                or not coalesce(items.currency <> changes.currency, false)
                then items.list_mrr
        end as list_mrr
    from changes
    inner join items on changes.event_id = items.event_id
),

items_of_spans as (
    select
        items.subscription_id,
        items.starts_at,
        left(string_agg(distinct items.plan, ' + '), 300) as plan,
        sum(items.quantity)::bigint as quantity,
        min(items.currency) as currency,
        sum(items.list_mrr) as list_mrr,
        bool_and(
            items.list_mrr is not null
            and coalesce(off.are_known, true)
            and not items.has_more_items
        ) as are_known,
        {{ json_array_of(json_object({
            'subscription_item_id': 'items.subscription_item_id',
            'price_id': 'items.price_id',
            'product_id': 'items.product_id',
            'plan': 'items.plan',
            'quantity': 'items.quantity',
            'unit_amount': shortest('items.unit_amount'),
            'interval': 'items.recurring_interval',
            'interval_count': 'items.interval_count',
            'usage_type': 'items.usage_type',
            'periods_per_month': shortest('items.periods_per_month'),
            'inclusive_tax_percent': shortest('items.inclusive_tax_percent'),
            'list_mrr': shortest('items.list_mrr'),
            'discounts': 'coalesce(off.discounts, ' ~ json_none() ~ ')',
        }), 'items.item_number') }} as items
    from items_paid as items
    left join discounts_of_spans as off
        on
            items.subscription_id = off.subscription_id
            and items.starts_at = off.starts_at
            and items.item_number = off.item_number
    group by items.subscription_id, items.starts_at
),

spans as (
    select
        changes.subscription_id,
        changes.starts_at,
        lead(changes.starts_at) over (
            partition by changes.subscription_id
            order by changes.starts_at
        ) as ends_at,
        changes.changes_at,
        case
            when changes.began_with_customer then changes.customer_event_id
            else changes.event_id
        end as event_id,
        changes.stripe_customer_id,
        changes.status,
        changes.is_ending,
        coalesce(changes.currency, items_of_spans.currency) as currency,
        items_of_spans.plan,
        items_of_spans.quantity,
        coalesce(items_of_spans.list_mrr, 0) as list_mrr,
        coalesce(items_of_spans.items, {{ json_none() }}) as items,
        coalesce(off.discounts, {{ json_none() }}) as discounts,
        coalesce(items_of_spans.are_known, true) and coalesce(off.are_known, true)
            as is_mrr_known
    from changes
    left join items_of_spans
        on
            changes.subscription_id = items_of_spans.subscription_id
            and changes.starts_at = items_of_spans.starts_at
    left join discounts_of_spans as off
        on
            changes.subscription_id = off.subscription_id
            and changes.starts_at = off.starts_at
            and off.item_number is null
),

customers as (
    select
        stripe_customer_id,
        account_id
    from {{ ref('stripe_customers') }}
),

final as (
    select
        spans.subscription_id,
        spans.starts_at,
        spans.ends_at,
        case when spans.ends_at is null then spans.changes_at end as changes_at,
        customers.account_id,
        spans.stripe_customer_id,
        spans.status,
        spans.is_ending,
        spans.plan,
        spans.quantity,
        spans.currency,
        spans.list_mrr::numeric(38, 20) as list_mrr,
        ({{ policy_mrr() }})::numeric(38, 20) as mrr,
        spans.is_mrr_known,
        spans.items,
        spans.discounts,
        spans.event_id
    from spans
    left join customers on spans.stripe_customer_id = customers.stripe_customer_id
)

select * from final

{#
    Why a subscription's MRR at a month's end differs from that at the end before. One that began or ended to count is
    a change of subscription. Otherwise item by item: another product is a change of plan, more or fewer units of one
    price are seats; of another price for the same product, the units at the old price are seats and the rest is the
    interval's or the price's. All at the discount of before: what the subscription's takes off of the items of now, and of
    each item the share that was paid where items have discounts of their own; what then is missing is the discount's. An
    amount that comes off more or less often than before is the interval's.

    Versions before there were items have one, which goes by the subscription's id: then items are the same by their
    place, and so is an only item that took the place of the only one before. Nor do those versions name the product: one
    price is one plan.

    One pass over the months, so that a condition on the account reaches the table below.
#}

{% set has_discounts = json_at('item.value', 'discounts') ~ ' <> ' ~ json_none() -%}
{% set whole_change = 'neighbours.list_mrr - neighbours.list_mrr_before' -%}
{# Where the list price is the same as a whole: one more, of which a share is paid. #}
{% set list_step = 'coalesce(nullif(' ~ whole_change ~ ', 0), 1)' -%}
{% set items_and_step = json_joined([
    'before.items',
    json_list_of(json_object({
        'list_mrr': list_step,
        'inclusive_tax_percent': json_at('before.items', '0.inclusive_tax_percent'),
        'discounts': json_none(),
    })),
]) -%}

with

neighbours as (
    select
        subscription_id,
        account_id,
        currency,
        month,
        mrr,
        list_mrr,
        starts_at,
        coalesce(lag(month) over history = {{ add_months('month', -1) }}, false)
            as has_before,
        lag(mrr) over history as mrr_before,
        lag(list_mrr) over history as list_mrr_before,
        lag(starts_at) over history as starts_at_before,
        coalesce(lead(month) over history <> {{ next_month('month') }}, true)
        and month < {{ utc_month(now_at()) }} as is_last
    from {{ ref('int_subscription_months') }}
    window history as (
        partition by subscription_id, account_id, currency
        order by month
    )
),

changes as (
    select
        neighbours.account_id,
        neighbours.currency,
        parts.month,
        parts.cause,
        parts.amount
    from neighbours
    cross join lateral (
        select
            neighbours.month,
            'subscription' as cause,
            neighbours.mrr as amount
        where not neighbours.has_before
        union all
        select
            {{ next_month('neighbours.month') }} as month,
            'subscription' as cause,
            -neighbours.mrr as amount
        where neighbours.is_last
        union all
        select
            neighbours.month,
            shares.cause,
            shares.amount
        from (
            select
                neighbours.mrr - neighbours.mrr_before as change,
                max(states.mrr_at_discounts_before) - neighbours.mrr_before
                    as change_at_discounts_before,
                case
                    when max(states.mrr_a_step_on) is not null
                        then
                            (max(states.mrr_a_step_on) - neighbours.mrr_before)
                            / {{ list_step }}
                    when neighbours.list_mrr_before = 0 then 1
                    else neighbours.mrr_before / neighbours.list_mrr_before
                end as share_paid,
                sum(compared.seats_change) filter (
                    where compared.other_cause <> 'plan'
                ) as by_seats,
                {% for cause in ['plan', 'interval', 'price'] -%}
                sum(compared.list_change
                {%- if cause != 'plan' %} - compared.seats_change{% endif %}) filter (
                    where compared.other_cause = '{{ cause }}'
                ) as by_{{ cause }}{{ ',' if not loop.last }}
                {% endfor -%}
            from (
                select
                    before.items as before,
                    after.items as after,
                    {% for items, mrr in [
                        ('after.items', 'mrr_at_discounts_before'),
                        (items_and_step, 'mrr_a_step_on'),
                    ] -%}
                    case
                        when
                            before.discounts <> {{ json_none() }}
                            and not exists (
                                select 1
                                from {{ elements_of('before.items') }} as item (value)
                                where {{ has_discounts }}
                            )
                            and not exists (
                                select 1
                                from {{ elements_of('after.items') }} as item (value)
                                where {{ has_discounts }}
                            )
                            then {{ mrr_of(
                                items,
                                'before.discounts',
                                policy('counted_discounts')
                            ) }}
                    end as {{ mrr }},
                    {% endfor -%}
                    coalesce(
                        neighbours.subscription_id not in (
                            {{ json_string('before.items', '0.subscription_item_id') }},
                            {{ json_string('after.items', '0.subscription_item_id') }}
                        )
                        and coalesce(
                            {{ json_at('before.items', '1') }},
                            {{ json_at('after.items', '1') }}
                        ) is not null,
                        false
                    ) as are_named
                from {{ ref('subscription_periods') }} as before
                cross join {{ ref('subscription_periods') }} as after
                where
                    before.subscription_id = neighbours.subscription_id
                    and before.starts_at = neighbours.starts_at_before
                    and after.subscription_id = neighbours.subscription_id
                    and after.starts_at = neighbours.starts_at
            ) as states
            cross join lateral (
                select
                    coalesce(items_after.list_mrr, 0)
                    - coalesce(items_before.list_mrr, 0) as list_change,
                    case
                        when
                            items_after.price_id is distinct from items_before.price_id
                            and items_before.quantity > 0
                            and abs(items_after.quantity - items_before.quantity)
                            * items_before.list_mrr / items_before.quantity < 1e15
                            then
                                (items_after.quantity - items_before.quantity)
                                * items_before.list_mrr / items_before.quantity
                        when items_after.quantity <> items_before.quantity
                            then items_after.list_mrr - items_before.list_mrr
                        else 0
                    end as seats_change,
                    case
                        when items_after.price_id = items_before.price_id then 'price'
                        when items_after.product is distinct from items_before.product
                            then 'plan'
                        when
                            items_after.recurring_interval
                            is distinct from items_before.recurring_interval
                            then 'interval'
                        else 'price'
                    end as other_cause
                from (
                    select {{ item_columns('item', 'states.are_named') }}
                    from {{ numbered_elements_of('states.before') }}
                        as item (value, item_number)
                ) as items_before
                full outer join (
                    select {{ item_columns('item', 'states.are_named') }}
                    from {{ numbered_elements_of('states.after') }}
                        as item (value, item_number)
                ) as items_after on items_before.item_key = items_after.item_key
            ) as compared
        ) as sums
        cross join lateral (
            select
                coalesce(
                    sums.change_at_discounts_before
                    - sums.share_paid * ({{ whole_change }}),
                    0
                ) as by_times
        ) as discounts_taken
        cross join lateral (
            values
            ('seats', sums.by_seats * sums.share_paid),
            ('plan', sums.by_plan * sums.share_paid),
            (
                'interval',
                coalesce(sums.by_interval, 0) * sums.share_paid
                + discounts_taken.by_times
            ),
            ('price', sums.by_price * sums.share_paid),
            (
                'discount',
                sums.change - discounts_taken.by_times - sums.share_paid * (
                    coalesce(sums.by_seats, 0) + coalesce(sums.by_plan, 0)
                    + coalesce(sums.by_interval, 0) + coalesce(sums.by_price, 0)
                )
            )
        ) as shares (cause, amount)
        where
            neighbours.has_before
            and neighbours.mrr <> neighbours.mrr_before
            and shares.amount is not null
    ) as parts
),

final as (
    select
        account_id,
        currency,
        month,
        cause,
        sum(amount)::numeric(28, 10) as amount
    from changes
    group by account_id, currency, month, cause
    having round(sum(amount), 10) <> 0
)

select * from final

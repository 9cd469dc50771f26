-- depends_on: {{ ref('int_subscription_months') }}
{#
    An account's MRR at the end of each month, and what moved since the end of the month before: named, caused and
    converted. In dollars all is at the month's own rate; what only the rate changed stands apart.
#}

{{ config(
    part='account_id',
    tells={'month': 'month'},
    pre_hook="{{ note_part() }}",
) }}

{% set of_touched = of_touched_parts('account_id') -%}
{% set causes = ['subscription', 'plan', 'seats', 'price', 'interval', 'discount'] -%}

with

movements as (
    select
        account_id,
        currency,
        month,
        plan,
        opening,
        mrr,
        first_paid_month,
        is_held,
        is_customer,
        was_customer
    from {{ ref('int_account_movements_named') }}
    where {{ of_touched }}
),

changes as (
    select
        account_id,
        currency,
        month,
        {% for cause in causes -%}
        coalesce(sum(amount) filter (where cause = '{{ cause }}'), 0) as by_{{ cause }},
        {% endfor -%}
        sum(amount) as explained,
        {{ first_of('cause', 'abs(amount) desc, cause') }} as cause
    from {{ ref('int_mrr_changes_explained') }}
    where {{ of_touched }}
    group by account_id, currency, month
),

periods as (
    select
        subscription_id,
        starts_at,
        event_id,
        account_id,
        coalesce(currency, 'unknown') as currency,
        mrr
    from {{ ref('subscription_periods') }}
    {% if makes_part() -%}
    where
        subscription_id in (
            select touching.subscription_id
            from {{ ref('subscription_periods') }} as touching
            where {{ in_touched_parts('touching.account_id') }}
        )
    {%- endif %}
),

neighbours as (
    select
        *,
        lag(account_id) over history as account_before_id,
        lag(currency) over history as currency_before,
        lag(mrr) over history as mrr_before
    from periods
    window history as (partition by subscription_id order by starts_at)
),

{# A subscription that passes to another account or currency is lost by one and gained by the other. #}
changed_periods as (
    select
        sides.account_id,
        sides.currency,
        neighbours.starts_at,
        neighbours.event_id
    from neighbours
    cross join
        lateral (
            values
            (neighbours.account_id, neighbours.currency, neighbours.mrr),
            (
                neighbours.account_before_id,
                neighbours.currency_before,
                -neighbours.mrr_before
            )
        ) as sides (account_id, currency, mrr)
    group by
        neighbours.subscription_id,
        neighbours.starts_at,
        neighbours.event_id,
        sides.account_id,
        sides.currency
    having sum(sides.mrr) <> 0
),

events as (
    select
        account_id,
        currency,
        {{ utc_month('starts_at') }} as month,
        {{ json_array_of('event_id', 'starts_at, event_id') }} as event_ids
    from changed_periods
    where {{ of_touched }}
    group by account_id, currency, {{ utc_month('starts_at') }}
),

rates as (
    select
        currency,
        month,
        rate_to_usd
    from {{ ref('exchange_rates') }}
),

converted as (
    select
        movements.*,
        rates.rate_to_usd,
        round(movements.mrr * rates.rate_to_usd, 10) as mrr_usd,
        round(movements.opening * rates.rate_to_usd, 10) as opening_at_rate,
        case
            when movements.opening = 0 then 0
            else round(movements.opening * rates_before.rate_to_usd, 10)
        end as opening_usd
    from movements
    left join rates
        on
            movements.currency = rates.currency
            and movements.month = rates.month
    left join rates as rates_before
        on
            movements.currency = rates_before.currency
            and {{ add_months('movements.month', -1) }} = rates_before.month
),

final as (
    select
        converted.account_id,
        converted.month,
        converted.currency,
        converted.plan,
        converted.first_paid_month,
        converted.is_held,
        converted.is_customer,
        case
            when not converted.was_customer and converted.is_customer
                then
                    case
                        when converted.month = converted.first_paid_month then 'new'
                        else 'reactivation'
                    end
            when converted.was_customer and not converted.is_customer then 'churn'
            when converted.mrr > converted.opening then 'expansion'
            when converted.mrr < converted.opening then 'contraction'
        end as movement_type,
        converted.opening::numeric(28, 10) as opening,
        (converted.mrr - converted.opening)::numeric(28, 10) as movement,
        converted.mrr::numeric(28, 10) as mrr,
        converted.rate_to_usd,
        converted.opening_usd::numeric(28, 10) as opening_usd,
        (converted.mrr_usd - converted.opening_at_rate)::numeric(28, 10)
            as movement_usd,
        (
            converted.opening_at_rate - coalesce(converted.opening_usd, 0)
        )::numeric(28, 10) as fx_usd,
        converted.mrr_usd::numeric(28, 10) as mrr_usd,
        case
            when converted.mrr <> converted.opening
                then coalesce(changes.cause, 'subscription')
        end as cause,
        {% for cause in causes -%}
        case
            when converted.mrr = converted.opening then 0
            when coalesce(changes.cause, 'subscription') = '{{ cause }}'
                then
                    coalesce(changes.by_{{ cause }} - changes.explained, 0)
                    + converted.mrr - converted.opening
            else coalesce(changes.by_{{ cause }}, 0)
        end::numeric(28, 10) as by_{{ cause }},
        {% endfor -%}
        coalesce(events.event_ids, {{ json_none() }}) as event_ids
    from converted
    left join changes
        on
            converted.account_id = changes.account_id
            and converted.currency = changes.currency
            and converted.month = changes.month
    left join events
        on
            converted.account_id = events.account_id
            and converted.currency = events.currency
            and converted.month = events.month
)

select * from final

{#
    The periods that a subscription was billed for in advance, and what became of the bill. Items that are billed at
    another interval have periods of their own. Corrections in the middle of a period begin none; neither do items of one
    moment, nor what was put on the bill by itself. Where the archive has no invoice of a subscription at all, not even a
    draft, its own states tell: a period that was last seen active is paid.
#}

{{ config(
    part='subscription_id',
    pre_hook="{{ note_part() }}",
) }}

{% set of_touched = in_touched_parts('lines.subscription_id') -%}
{% set bills_touched -%}
{% if makes_part() -%}
states.invoice_id in (
    select billing.invoice_id
    from {{ ref('stg_stripe__invoice_states') }} as billing
    where {{ in_touched_parts('billing.subscription_id') }}
    union all
    select billing.invoice_id
    from {{ ref('stg_stripe__invoice_lines') }} as billing
    where {{ in_touched_parts('billing.subscription_id') }}
)
{%- else -%}
true
{%- endif %}
{%- endset -%}

with

invoices as (
    select
        invoice_id,
        subscription_id,
        status,
        created_at
    from {{ latest_states('stg_stripe__invoice_states', bills_touched) }} as latest
),

lines as (
    select
        coalesce(lines.subscription_id, invoices.subscription_id) as subscription_id,
        lines.period_starts_at,
        lines.period_ends_at,
        lines.price_id,
        lines.amount_minor,
        invoices.status,
        coalesce(lines.period_ends_at <= invoices.created_at, false)
            as is_billed_afterwards
    from {{ ref('stg_stripe__invoice_lines') }} as lines
    inner join invoices on lines.invoice_id = invoices.invoice_id
    where
        not lines.is_proration
        and not lines.is_invoice_item
        and lines.period_starts_at < lines.period_ends_at
        and invoices.status <> 'draft'
),

metered_subscriptions as (
    select distinct periods.subscription_id
    from {{ ref('subscription_periods') }} as periods
    cross join lateral {{ elements_of('periods.items') }} as item (value)
    where
        {{ in_touched_parts('periods.subscription_id') }}
        and periods.ends_at is null
        and {{ json_string('item.value', 'usage_type') }} = 'metered'
),

{# What costs nothing in advance says nothing of the usage, which is billed when the period is over. #}
by_invoice as (
    select
        lines.subscription_id,
        lines.period_starts_at,
        lines.period_ends_at,
        coalesce(bool_or(lines.status = 'paid' and lines.amount_minor > 0), false)
            as is_paid,
        bool_or(
            lines.status <> 'open'
            and (
                metered_subscriptions.subscription_id is null
                or coalesce(lines.amount_minor > 0, true)
                or lines.is_billed_afterwards
            )
        ) as is_settled,
        {{ json_array_of(
            'distinct lines.price_id', 'lines.price_id', 'lines.price_id is not null'
        ) }} as price_ids
    from lines
    left join metered_subscriptions
        on lines.subscription_id = metered_subscriptions.subscription_id
    where lines.subscription_id is not null and {{ of_touched }}
    group by lines.subscription_id, lines.period_starts_at, lines.period_ends_at
),

{# The state that a period was last in before the subscription ended. #}
by_state as (
    select distinct on (states.subscription_id, states.current_period_starts_at)
        states.subscription_id,
        states.current_period_starts_at as period_starts_at,
        states.current_period_ends_at as period_ends_at,
        states.status = 'active' and periods.list_mrr > 0 as is_paid,
        states.status <> 'past_due' as is_settled,
        {{ json_none() }} as price_ids
    from {{ ref('stg_stripe__subscription_states') }} as states
    inner join {{ ref('subscription_periods') }} as periods
        on
            states.subscription_id = periods.subscription_id
            and states.occurred_at >= periods.starts_at
            and (states.occurred_at < periods.ends_at or periods.ends_at is null)
    left join {{ ref('stg_stripe__tie_positions') }} as ties
        on states.event_id = ties.event_id
    where
        {{ in_touched_parts('states.subscription_id') }}
        and states.status in ('active', 'past_due', 'unpaid')
        and states.ended_at is null
        and states.current_period_starts_at < states.current_period_ends_at
    order by
        states.subscription_id,
        states.current_period_starts_at,
        {{ in_order('states', 'desc') }}
),

billed_subscriptions as (
    select subscription_id
    from by_invoice
    union
    select subscription_id
    from invoices
),

final as (
    select
        subscription_id,
        period_starts_at,
        period_ends_at,
        is_paid,
        is_settled,
        price_ids
    from by_invoice
    union all
    select
        by_state.subscription_id,
        by_state.period_starts_at,
        by_state.period_ends_at,
        by_state.is_paid,
        by_state.is_settled,
        by_state.price_ids
    from by_state
    left join billed_subscriptions
        on by_state.subscription_id = billed_subscriptions.subscription_id
    where billed_subscriptions.subscription_id is null
)

select * from final

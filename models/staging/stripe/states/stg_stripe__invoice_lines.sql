{# The lines of an invoice's last state; an invoice with news is read again, whole. #}

{{ config(
    unique_key='invoice_id',
    indexes=[{'columns': ['invoice_id']}, {'columns': ['batch'], 'type': 'brin'}],
) }}

{% set has_news -%}
{% if is_incremental() -%}
states.invoice_id in (
    select news.invoice_id
    from {{ ref('stg_stripe__invoice_states') }} as news
    where {{ of_new_batches('news.batch') }}
)
{%- else -%}
true
{%- endif %}
{%- endset -%}

with

latest as (
    select
        invoice_id,
        event_id
    from {{ latest_states('stg_stripe__invoice_states', has_news) }} as latest
),

{# In the order in which the table holds them. -#}
places as (
    select
        latest.invoice_id,
        latest.event_id,
        events.batch,
        events.place
    from latest
    inner join {{ ref('stg_stripe__events') }} as events
        on latest.event_id = events.event_id
    order by events.place
    limit all
),

{# `limit all`: a payload is opened once, and not once a line. -#}
invoices as (
    select
        places.invoice_id,
        places.event_id,
        places.batch,
        {{ json_at('raw_rows.payload', 'data.object.lines.data') }} as lines
    from places
    inner join {{ stripe_rows() }} as raw_rows
        on places.place = raw_rows.place and places.event_id = raw_rows.id
    limit all  -- noqa: AM09
),

lines as (
    select
        invoices.invoice_id,
        invoices.event_id,
        invoices.batch,
        line.value as line,
        line.line_number
    from invoices
    cross join lateral {{ numbered_elements_of('invoices.lines') }}
        as line (value, line_number)
),

final as (
    select
        invoice_id,
        line_number::integer as line_number,
        {{ json_string('line', 'id') }} as invoice_line_id,
        event_id,
        {{ json_string('line', 'currency') }} as currency,
        {{ json_amount('line', 'amount') }} as amount_minor,
        coalesce(
            {{ json_sum('line', 'discount_amounts', 'amount') }},
            0
        ) as discount_minor,
        {{ json_amount('line', 'quantity') }} as quantity,
        {{ json_instant('line', 'period.start') }} as period_starts_at,
        {{ json_instant('line', 'period.end') }} as period_ends_at,
        coalesce(
            {{ json_flag('line', 'proration') }},
            {{ json_flag('line', 'parent.subscription_item_details.proration') }},
            {{ json_flag('line', 'parent.invoice_item_details.proration') }},
            false
        ) as is_proration,
        coalesce(
            {{ json_id('line', 'price') }},
            {{ json_id('line', 'pricing.price_details.price') }},
            {{ json_id('line', 'plan') }}
        ) as price_id,
        coalesce(
            {{ json_id('line', 'subscription') }},
            {{ json_id('line', 'parent.subscription_item_details.subscription') }},
            {{ json_id('line', 'parent.invoice_item_details.subscription') }}
        ) as subscription_id,
        coalesce(
            {{ json_id('line', 'subscription_item') }},
            {{ json_id('line', 'parent.subscription_item_details.subscription_item') }}
        ) as subscription_item_id,
        {{ json_string('line', 'description') }} as description,
        batch
    from lines
)

select * from final

{#
    What each line of an invoice earns, and over which days: its amount, less its discounts and the tax that is in it. What
    only the invoice tells of (a discount in versions whose lines have none, lines that the event leaves out) is shared
    in proportion, so that the lines add up to the invoice without tax.
#}

{{ config(
    part='invoice_id',
    tells={'account_id': 'account_id'},
    pre_hook="{{ note_part() }}",
) }}

{% set amount = major_units('shared.amount_minor', 'currencies.decimal_places') -%}

with

invoice_states as (
    select
        invoice_id,
        min(finalized_at) as finalized_at
    from {{ ref('stg_stripe__invoice_states') }}
    where {{ in_touched_parts('invoice_id') }}
    group by invoice_id
),

invoices as (
    select
        latest.invoice_id,
        latest.stripe_customer_id,
        latest.subscription_id,
        latest.currency,
        latest.status = 'paid' as is_paid,
        latest.total_minor - latest.tax_minor as amount_minor,
        coalesce(
            latest.finalized_at,
            invoice_states.finalized_at,
            latest.created_at,
            latest.occurred_at
        ) as billed_at
    from {{ latest_states('stg_stripe__invoice_states') }} as latest
    inner join invoice_states on latest.invoice_id = invoice_states.invoice_id
    where
        latest.status in ('open', 'paid')
        and {{ in_touched_parts('latest.invoice_id') }}
),

lines as (
    select
        invoice_id,
        line_number,
        invoice_line_id,
        subscription_id,
        price_id,
        currency,
        coalesce(amount_minor, 0) - discount_minor as amount_minor,
        inclusive_tax_minor,
        is_proration,
        is_discountable,
        period_starts_at,
        period_ends_at
    from {{ ref('stg_stripe__invoice_lines') }}
    where {{ in_touched_parts('invoice_id') }}
),

customers as (
    select
        stripe_customer_id,
        account_id
    from {{ ref('stripe_customers') }}
),

currencies as (
    select
        currency,
        decimal_places
    from {{ ref('currencies') }}
),

{# An invoice that shows no line is one line, of the day on which it was billed. #}
billed as (
    select
        invoices.invoice_id,
        coalesce(lines.line_number, 1) as line_number,
        lines.invoice_line_id,
        invoices.stripe_customer_id,
        coalesce(lines.subscription_id, invoices.subscription_id) as subscription_id,
        lines.price_id,
        coalesce(lines.currency, invoices.currency) as currency,
        coalesce(lines.is_proration, false) as is_proration,
        invoices.is_paid,
        invoices.billed_at,
        coalesce(lines.period_starts_at, lines.period_ends_at, invoices.billed_at)
            as period_starts_at,
        coalesce(lines.period_ends_at, lines.period_starts_at, invoices.billed_at)
            as period_ends_at,
        coalesce(lines.amount_minor, 0)::numeric as discounted_minor,
        coalesce(lines.amount_minor - lines.inclusive_tax_minor, 0)::numeric
            as line_minor,
        case
            when lines.is_discountable and not lines.is_proration
                then greatest(lines.amount_minor, 0)
            else 0
        end as discountable_minor,
        invoices.amount_minor::numeric as invoice_minor
    from invoices
    left join lines on invoices.invoice_id = lines.invoice_id
    where invoices.billed_at <= {{ now_at() }}
),

summed as (
    select
        *,
        coalesce(invoice_minor - sum(line_minor) over invoice, 0) as missing_minor,
        case
            when sum(discountable_minor) over invoice > 0 then discountable_minor
            when sum(abs(discounted_minor)) over invoice > 0 then abs(discounted_minor)
            else 1
        end as weight
    from billed
    window invoice as (partition by invoice_id)
),

weighed as (
    select
        *,
        sum(weight) over (partition by invoice_id) as weights,
        sum(weight) over (
            partition by invoice_id
            order by line_number
        ) as weights_so_far
    from summed
),

shared as (
    select
        *,
        line_minor
        + round(missing_minor * weights_so_far / weights)
        - round(missing_minor * (weights_so_far - weight) / weights) as amount_minor,
        {{ utc_date('period_starts_at') }} as first_date,
        {{ utc_date('period_ends_at') }} as period_ends_date
    from weighed
),

final as (
    select
        shared.invoice_id,
        shared.line_number,
        shared.invoice_line_id,
        customers.account_id,
        shared.stripe_customer_id,
        shared.subscription_id,
        shared.price_id,
        shared.currency,
        {{ amount }}::numeric(28, 10) as amount,
        shared.is_proration,
        shared.is_paid,
        shared.billed_at,
        shared.period_starts_at,
        shared.period_ends_at,
        shared.first_date,
        greatest(
            {{ add_days('shared.period_ends_date', -1) }},
            shared.first_date
        ) as last_date
    from shared
    left join customers on shared.stripe_customer_id = customers.stripe_customer_id
    left join currencies on shared.currency = currencies.currency
    where shared.currency is not null
)

select * from final

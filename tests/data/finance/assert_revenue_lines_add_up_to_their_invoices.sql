{# The lines of each invoice earn its total without tax, and by the end of their days nothing of it is left. #}

{% set amount = major_units(
    '(latest.total_minor - latest.tax_minor)', 'currencies.decimal_places'
) -%}

with

invoices as (
    select
        latest.invoice_id,
        {{ amount }} as amount
    from {{ latest_states('stg_stripe__invoice_states') }} as latest
    left join {{ ref('currencies') }} as currencies
        on latest.currency = currencies.currency
),

lines as (
    select
        invoice_id,
        sum(amount) as amount
    from {{ ref('revenue_lines') }}
    group by invoice_id
)

select
    lines.invoice_id,
    lines.amount,
    invoices.amount as expected_amount
from lines
inner join invoices on lines.invoice_id = invoices.invoice_id
where lines.amount <> invoices.amount

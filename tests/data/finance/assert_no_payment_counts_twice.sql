{#
    Since the API version basil only the event of an invoice payment tells that a charge pays an invoice. Where it does not
    arrive, what was paid by card looks like a charge of its own and an invoice that was paid outside Stripe.
#}

{{ config(severity='warn') }}

select
    outside.transaction_id,
    charges.charge_id,
    outside.amount,
    outside.currency
from {{ ref('transactions') }} as outside
inner join {{ ref('transactions') }} as charges
    on
        outside.stripe_customer_id = charges.stripe_customer_id
        and outside.currency = charges.currency
        and outside.amount = charges.amount
where
    outside.transaction_type = 'out_of_band_payment'
    and charges.transaction_type = 'charge'
    and charges.invoice_id is null
    and charges.transaction_at <= outside.transaction_at
    and charges.transaction_at > outside.transaction_at - interval '1 day'

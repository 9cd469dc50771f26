{#
    The charges, and the payments, payouts, refunds and disputes without one, of which something is new: a state of their
    own, a refund that they list, what ties a charge to an invoice or a refund to a charge, or the row of their customer (an
    account that goes takes the rows of its customers and of their methods along).
#}
{% macro transactions__part() -%}
    {%- set customers -%}
        select customers.stripe_customer_id
        from {{ ref('stripe_customers') }} as customers
        where customers.account_id in ({{ told_by(ref('stripe_customers'), 'account_id') }})
    {%- endset -%}
    {%- set touched -%}
        with

        charges as ({{ with_news('stg_stripe__charge_states', '*') }}),

        invoices as ({{ with_news('stg_stripe__invoice_states', '*') }}),

        payments as (
            select
                {{ json_id('payment.value', 'payment.charge') }} as charge_id,
                {{ json_id('payment.value', 'payment.payment_intent') }} as payment_intent_id
            from invoices
            cross join lateral {{ elements_of('invoices.payments') }} as payment (value)
            where invoices.payments is not null
        )

        select charge_id from charges
        union all
        select invoice_id from invoices
        union all
        select charge_id from invoices
        union all
        select charge_id from payments
        union all
        {% for model, part in [
            ('refund', 'charge_id'),
            ('refund', 'refund_id'),
            ('dispute', 'charge_id'),
            ('dispute', 'dispute_id'),
            ('dispute', "dispute_id || ':won'"),
            ('dispute', "dispute_id || ':lost'"),
            ('payout', 'payout_id'),
            ('invoice_payment', 'charge_id'),
            ('invoice_payment', 'invoice_id'),
        ] -%}
        {{ with_news('stg_stripe__' ~ model ~ '_states', part) }}
        union all
        {% endfor -%}
        select states.charge_id
        from {{ ref('stg_stripe__charge_states') }} as states
        cross join lateral {{ elements_of('states.refunds') }} as refund (value)
        where states.refunds <> {{ json_none() }} and {{ json_string('refund.value', 'id') }} in (
            {{ with_news('stg_stripe__refund_states', 'refund_id') }}
            union all
            select {{ json_string('refund.value', 'id') }}
            from charges
            cross join lateral {{ elements_of('charges.refunds') }} as refund (value)
        )
        union all
        select states.invoice_id
        from {{ ref('stg_stripe__charge_states') }} as states
        where states.charge_id in (select charges.charge_id from charges)
        union all
        select states.charge_id
        from {{ ref('stg_stripe__charge_states') }} as states
        where states.payment_intent_id in (
            select invoices.payment_intent_id from invoices
            union all
            select payments.payment_intent_id from payments
            union all
            {{ with_news('stg_stripe__invoice_payment_states', 'payment_intent_id') }}
            union all
            {{ with_news('stg_stripe__refund_states', 'payment_intent_id') }}
        )
        union all
        select states.invoice_id
        from {{ ref('stg_stripe__invoice_states') }} as states
        where states.payment_intent_id in (select charges.payment_intent_id from charges)
        union all
        select states.invoice_id
        from {{ ref('stg_stripe__invoice_states') }} as states
        where states.stripe_customer_id in ({{ customers }})
        union all
        select states.charge_id
        from {{ ref('stg_stripe__charge_states') }} as states
        where states.stripe_customer_id in ({{ customers }})
        union all
        select states.charge_id
        from {{ ref('stg_stripe__charge_states') }} as states
        where states.payment_method_id in (
            select methods.payment_method_id
            from {{ ref('payment_methods') }} as methods
            where methods.stripe_customer_id in ({{ customers }})
        )
    {%- endset -%}
    {%- set key = part_key(
        views=[
            ref('int_refunds_united'),
            ref('int_refunds_known'),
            ref('int_charges_captured'),
            ref('int_disputes_united'),
        ],
        tables=[ref('stripe_customers'), ref('payment_methods')],
        inputs=[digest_of(ref('currencies'))],
    ) -%}
    {{ return({'key': key, 'touched': touched}) }}
{%- endmacro %}

{#
    The charges, and the payments, payouts, refunds and disputes without one, of which something is new: a state of their
    own, the payment that ties a charge to an invoice, or the row of their customer (an account that goes takes
    the rows of its customers and of their methods along).
#}
{% macro transactions__part() -%}
    {%- set customers -%}
        select customers.stripe_customer_id
        from {{ ref('stripe_customers') }} as customers
        where customers.account_id in ({{ told_by(ref('stripe_customers'), 'account_id') }})
    {%- endset -%}
    {%- set touched -%}
        select parts.part
        from {{ ref('stg_stripe__charge_states') }} as states
        cross join lateral {{ values_of([list_of(['states.charge_id', 'states.invoice_id'])]) }} as parts (part)
        where {{ arrived_since('states') }}
        union all
        select parts.part
        from {{ ref('stg_stripe__refund_states') }} as states
        cross join lateral {{ values_of([list_of(['states.charge_id', 'states.refund_id'])]) }} as parts (part)
        where {{ arrived_since('states') }}
        union all
        select parts.part
        from {{ ref('stg_stripe__dispute_states') }} as states
        cross join lateral {{ values_of([list_of([
            'states.charge_id',
            'states.dispute_id',
            "states.dispute_id || ':won'",
            "states.dispute_id || ':lost'",
        ])]) }} as parts (part)
        where {{ arrived_since('states') }}
        union all
        select states.payout_id
        from {{ ref('stg_stripe__payout_states') }} as states
        where {{ arrived_since('states') }}
        union all
        select parts.part
        from {{ ref('stg_stripe__invoice_payment_states') }} as states
        cross join lateral {{ values_of([list_of(['states.charge_id', 'states.invoice_id'])]) }} as parts (part)
        where {{ arrived_since('states') }}
        union all
        select charges.charge_id
        from {{ ref('stg_stripe__charge_states') }} as charges
        where charges.payment_intent_id in (
            select states.payment_intent_id
            from {{ ref('stg_stripe__invoice_payment_states') }} as states
            where {{ arrived_since('states') }}
        )
        union all
        select states.invoice_id
        from {{ ref('stg_stripe__invoice_states') }} as states
        where {{ arrived_since('states') }} or states.stripe_customer_id in ({{ customers }})
        union all
        select states.charge_id
        from {{ ref('stg_stripe__charge_states') }} as states
        where
            states.stripe_customer_id in ({{ customers }})
            or states.payment_method_id in (
                select methods.payment_method_id
                from {{ ref('payment_methods') }} as methods
                where methods.stripe_customer_id in ({{ customers }})
            )
    {%- endset -%}
    {%- set key = part_key(
        views=[ref('int_refunds_united')],
        tables=[ref('stripe_customers'), ref('payment_methods')],
        inputs=[digest_of(ref('currencies'), 'currency')],
    ) -%}
    {{ return({'key': key, 'touched': touched}) }}
{%- endmacro %}

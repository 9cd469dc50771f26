{# The invoices of which something is new, and those of customers whose row is new or another. #}
{% macro revenue_lines__part() -%}
    {%- set touched -%}
        {{ with_news('stg_stripe__invoice_states', 'invoice_id') }}
        union all
        select states.invoice_id
        from {{ ref('stg_stripe__invoice_states') }} as states
        inner join {{ ref('stripe_customers') }} as customers
            on states.stripe_customer_id = customers.stripe_customer_id
        where customers.account_id in ({{ told_by(ref('stripe_customers'), 'account_id') }})
    {%- endset -%}
    {%- set key = part_key(
        tables=[ref('stripe_customers')],
        inputs=[digest_of(ref('currencies'))],
    ) -%}
    {{ return({'key': key, 'touched': touched}) }}
{%- endmacro %}

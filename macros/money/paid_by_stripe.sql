{# Whether a payment of an invoice, a JSON value, is money that came by Stripe; of versions without a type it is. #}
{% macro paid_by_stripe(payment) -%}
    coalesce({{ json_string(payment, 'payment.type') }} in ('charge', 'payment_intent'), true)
{%- endmacro %}

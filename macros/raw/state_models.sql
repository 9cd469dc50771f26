{# The models of Stripe objects' states, each with the column that names the object. #}
{% macro state_models() %}
    {{ return({
        'stg_stripe__charge_states': 'charge_id',
        'stg_stripe__coupon_states': 'coupon_id',
        'stg_stripe__credit_note_states': 'credit_note_id',
        'stg_stripe__customer_states': 'stripe_customer_id',
        'stg_stripe__discount_states': 'discount_key',
        'stg_stripe__dispute_states': 'dispute_id',
        'stg_stripe__invoice_payment_states': 'invoice_payment_id',
        'stg_stripe__invoice_states': 'invoice_id',
        'stg_stripe__payment_intent_states': 'payment_intent_id',
        'stg_stripe__payment_method_states': 'payment_method_id',
        'stg_stripe__payout_states': 'payout_id',
        'stg_stripe__price_states': 'price_id',
        'stg_stripe__product_states': 'product_id',
        'stg_stripe__refund_states': 'refund_id',
        'stg_stripe__subscription_states': 'subscription_id',
    }) }}
{% endmacro %}

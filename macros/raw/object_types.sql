{# Which event types are about which kind of object; the first kind that fits counts. #}
{% macro object_types() %}
    {{ return({
        'invoice': ['invoice.%'],
        'subscription': ['customer.subscription.%'],
        'charge': [
            'charge.succeeded', 'charge.failed', 'charge.pending', 'charge.captured', 'charge.updated',
            'charge.refunded', 'charge.expired',
        ],
        'payment_intent': ['payment_intent.%'],
        'customer': ['customer.created', 'customer.updated', 'customer.deleted'],
        'invoice_payment': ['invoice_payment.%'],
        'payment_method': [
            'payment_method.%', 'customer.source.%', 'customer.card.%', 'customer.bank_account.%', 'source.%',
        ],
        'refund': ['refund.%', 'charge.refund.updated'],
        'dispute': ['charge.dispute.%'],
        'discount': ['customer.discount.%'],
        'price': ['price.%', 'plan.%'],
        'product': ['product.%'],
        'coupon': ['coupon.%'],
        'credit_note': ['credit_note.%'],
        'payout': ['payout.%', 'transfer.%'],
    }) }}
{% endmacro %}

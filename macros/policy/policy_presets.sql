{#
    What counts as MRR and as churn, by vendor. `stripe` is the project's own definition, after Stripe Billing's
    glossary; `chartmogul` after ChartMogul's help (past due counts until the subscription is canceled, every discount
    lowers MRR while it lasts, a customer on a free plan stays one).

    A discount that is taken `once` counts in the billing period in which it began, as long as the subscription shows it.
    What Stripe takes off the first invoice at once is never shown there, and does not count.
#}
{% macro policy_presets() %}
    {{ return({
        'stripe': {
            'counted_statuses': ['active', 'past_due'],
            'counted_discounts': ['forever', 'repeating'],
            'churn_at': 'period_end',
            'free_is_churn': true,
        },
        'chartmogul': {
            'counted_statuses': ['active', 'past_due', 'unpaid'],
            'counted_discounts': ['forever', 'repeating', 'once'],
            'churn_at': 'period_end',
            'free_is_churn': false,
        },
    }) }}
{% endmacro %}

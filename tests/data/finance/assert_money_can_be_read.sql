{# Money of which Stripe tells no readable amount or currency, or no customer to bill, is in no mart: that is told here. #}

{{ config(severity='warn') }}

{% set money = {
    'charge': "status = 'succeeded' and (amount_minor is null or currency is null)",
    'refund': "amount_minor is null or currency is null",
    'dispute': "amount_minor is null or currency is null",
    'payout': "amount_minor is null or currency is null",
    'invoice': "status in ('open', 'paid')
        and (total_minor is null or currency is null or stripe_customer_id is null)",
} -%}

{% for kind, is_unread in money.items() -%}
select
    event_id,
    '{{ kind }}' as kind
from {{ ref('stg_stripe__' ~ kind ~ '_states') }}
where {{ is_unread }}
{{ 'union all' if not loop.last }}
{% endfor %}

{# The subscriptions with a new state, on a bill of which something is new, or of which a span has changed. #}
{% macro billed_periods__part() -%}
    {%- set touched -%}
        {{ with_news('stg_stripe__subscription_states', 'subscription_id') }}
        union all
        {{ with_news('stg_stripe__invoice_states', 'subscription_id') }}
        union all
        select lines.subscription_id
        from {{ ref('stg_stripe__invoice_lines') }} as lines
        where lines.invoice_id in ({{ with_news('stg_stripe__invoice_states', 'invoice_id') }})
        union all
        {{ told_by(ref('subscription_periods'), 'subscription_id') }}
    {%- endset -%}
    {{ return({'key': part_key(tables=[ref('subscription_periods')]), 'touched': touched}) }}
{%- endmacro %}

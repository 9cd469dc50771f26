{# The subscriptions with a new state, on a bill of which something is new, or of which a span has changed. #}
{% macro billed_periods__part() -%}
    {%- set touched -%}
        select states.subscription_id
        from {{ ref('stg_stripe__subscription_states') }} as states
        where {{ arrived_since('states') }}
        union all
        select states.subscription_id
        from {{ ref('stg_stripe__invoice_states') }} as states
        where {{ arrived_since('states') }}
        union all
        select lines.subscription_id
        from {{ ref('stg_stripe__invoice_lines') }} as lines
        where lines.invoice_id in (
            select states.invoice_id
            from {{ ref('stg_stripe__invoice_states') }} as states
            where {{ arrived_since('states') }}
        )
        union all
        {{ told_by(ref('subscription_periods'), 'subscription_id') }}
    {%- endset -%}
    {{ return({'key': part_key(tables=[ref('subscription_periods')]), 'touched': touched}) }}
{%- endmacro %}

{#
    Stripe's events that count, as a relation: usable, and of live mode unless the var lets test mode in. An event
    may be in it more than once.
#}
{% macro stripe_events() -%}
    (
        select *
        from {{ raw('stripe_events') }} as raw_rows
        where
            id is not null
            and created is not null
            and payload is not null
            and quarantine_reason is null
            {%- if not var('count_test_mode') %}
            and livemode
            {%- endif %}
    )
{%- endmacro %}

{#
    Stripe's events that count, as a relation: usable, and of live mode unless the var lets test mode in. An event
    may be in it more than once. With a condition: those alone.
#}
{% macro stripe_events(condition='true') -%}
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
            and {{ condition }}
    )
{%- endmacro %}

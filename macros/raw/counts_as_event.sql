{# Whether a raw row is an event that counts: usable, and of live mode or, where the var says so, of test mode: never of both. #}
{% macro counts_as_event() -%}
    id is not null
    and type is not null
    and {{ is_stripe_time('created') }}
    and payload is not null
    and quarantine_reason is null
    and {{ 'not ' if var('count_test_mode') }}livemode
{%- endmacro %}

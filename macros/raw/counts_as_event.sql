{# Whether a raw row is an event that counts: usable, and of live mode unless the var lets test mode in. #}
{% macro counts_as_event() -%}
    id is not null
    and type is not null
    and {{ is_stripe_time('created') }}
    and payload is not null
    and quarantine_reason is null
    {%- if not var('count_test_mode') %}
    and livemode
    {%- endif %}
{%- endmacro %}

{#
    Whether a raw row is none of live mode's usable events. Word for word the condition of the index stripe_events_aside
    (scripts/dogdb/events/schema.sql), so that PostgreSQL finds those few without looking at the others;
    but where test mode counts, and so live mode is set aside.
#}
{% macro is_set_aside() -%}
    (
        id is null
        or type is null
        or created is null
        or not {{ is_stripe_time('created') }}
        or payload is null
        or quarantine_reason is not null
        or livemode is not true
        {%- if var('count_test_mode') %}
        or livemode
        {%- endif %}
    )
{%- endmacro %}

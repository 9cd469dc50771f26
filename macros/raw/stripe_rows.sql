{# The raw table of Stripe's events, each row with its place in the table. #}
{% macro stripe_rows() -%}
    {%- if env_var('DOGDB_RAW', 'seeds') == 'live' -%}
        {{ live_rows(source('raw', 'stripe_events'), 'stripe_events', [place_column() ~ ' as place']) }}
    {%- else -%}
        (select *, {{ place_column() }} as place from {{ ref(var('seeds_of')['stripe_events'][0]) }})
    {%- endif -%}
{%- endmacro %}

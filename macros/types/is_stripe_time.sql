{# Whether an instant can be one of Stripe's: not before 2009, before which Stripe was not, and not after 2199. #}
{% macro is_stripe_time(instant) -%}
    ({{ instant }} >= '2009-01-01 00:00:00+00' and {{ instant }} < '2200-01-01 00:00:00+00')
{%- endmacro %}

{# The subscriptions as they were at an instant (an SQL expression), one row each: what, how much, in which status. #}
{% macro subscriptions_at(instant) -%}
    (
        select periods.*
        from {{ ref('subscription_periods') }} as periods
        where
            periods.starts_at <= {{ instant }}
            and (periods.ends_at is null or periods.ends_at > {{ instant }})
    )
{%- endmacro %}

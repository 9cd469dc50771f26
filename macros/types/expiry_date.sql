{# The last day of a card's month of expiry; null where the month or the year is none. #}
{% macro expiry_date(year, month) %}{{ return(adapter.dispatch('expiry_date')(year, month)) }}{% endmacro %}

{% macro postgres__expiry_date(year, month) -%}
    case
        when {{ month }} between 1 and 12 and {{ year }} between 1970 and 2199
            then (make_date({{ year }}::integer, {{ month }}::integer, 1) + interval '1 month')::date - 1
    end
{%- endmacro %}

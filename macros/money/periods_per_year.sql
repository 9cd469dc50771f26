{# How many billing periods of an interval a year has, before it is divided by the interval's count. #}
{% macro periods_per_year(recurring_interval) -%}
    case {{ recurring_interval }}
        when 'day' then 365
        when 'week' then 52
        when 'month' then 12
        when 'year' then 1
    end
{%- endmacro %}

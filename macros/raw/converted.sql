{# A live column of another type than the promised one, as the promised one; null where it can't be. #}
{% macro converted(column, actual, promised) %}
    {%- if promised == 'boolean' -%}
        {{ return("(lower(" ~ column ~ "::text) in ('true', 't', '1'))") }}
    {%- elif promised == 'jsonb' -%}
        {{ return('utilities.json_or_null(' ~ column ~ '::text)') }}
    {%- elif actual in ['timestamp without time zone', 'date'] -%}
        {{ return(to_utc(column ~ '::timestamp')) }}
    {%- endif -%}
    {{ return(to_utc(column ~ '::text')) }}
{% endmacro %}

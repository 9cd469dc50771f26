{# The var `now` as an instant; null where it is empty. A text that is no instant is an error. #}
{% macro pinned_now() %}
    {%- set text = var('now') | string -%}
    {%- set time = '([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?Z?)?$' -%}
    {%- set found = modules.re.match('([1-9]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])' ~ time, text) -%}
    {%- if found -%}
        {%- set first = modules.datetime.date(found[1] | int, found[2] | int, 1) -%}
        {%- set day = first + modules.datetime.timedelta(days=(found[3] | int) - 1) -%}
    {%- endif -%}
    {%- if text and not (found and day.month == first.month) -%}
        {{ exceptions.raise_compiler_error(
            "var now is '" ~ text ~ "': give a day or an instant in UTC, as 2024-12-31 or 2024-12-31 18:00:00"
        ) }}
    {%- endif -%}
    {{ return(to_utc("'" ~ text ~ "'::text") if text else 'null::timestamptz') }}
{% endmacro %}

{# The var `now` as an instant; null where it is empty. A text that is no instant is an error. #}
{% macro pinned_now() %}
    {%- set text = var('now') | string -%}
    {%- set day = '\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])' -%}
    {%- if text and not modules.re.match(day ~ '([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?|$)', text) -%}
        {{ exceptions.raise_compiler_error(
            "var now is '" ~ text ~ "': give a day or an instant in UTC, as 2024-12-31 or 2024-12-31 18:00:00"
        ) }}
    {%- endif -%}
    {{ return(to_utc("'" ~ text ~ "'::text") if text else 'null::timestamptz') }}
{% endmacro %}

{# The var `now` as an instant; null where it is empty. A text that is no instant is an error. #}
{% macro pinned_now() %}
    {%- set text = var('now') | string -%}
    {%- if text and not modules.re.match('\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?', text) -%}
        {{ exceptions.raise_compiler_error(
            "var now is '" ~ text ~ "': give a day or an instant in UTC, as 2024-12-31 or 2024-12-31 18:00:00"
        ) }}
    {%- endif -%}
    {{ return(to_utc("'" ~ text ~ "'::text") if text else 'null::timestamptz') }}
{% endmacro %}

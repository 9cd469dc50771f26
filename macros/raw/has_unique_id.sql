{# Whether the raw table of Stripe's events is kept free of repeated ids by an index; then the models skip their own search. #}
{% macro has_unique_id() %}
    {%- if env_var('DOGDB_RAW', 'seeds') != 'live' or not execute -%}{{ return(false) }}{%- endif -%}
    {%- set table = source('raw', 'stripe_events') -%}
    {{ return(asked_once(
        "select 1 from pg_index as indexes join pg_attribute as columns"
        " on columns.attrelid = indexes.indrelid and columns.attnum = any (indexes.indkey)"
        " where indexes.indrelid = to_regclass('" ~ table ~ "') and indexes.indisunique and indexes.indisvalid"
        " and indexes.indnkeyatts = 1 and indexes.indpred is null and columns.attname = 'id'"
    ) | length > 0) }}
{% endmacro %}

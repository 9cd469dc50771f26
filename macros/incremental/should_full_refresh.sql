{#
    Overrides dbt's: an incremental model is made whole also where nothing is noted of what it has read: after a crash of
    the server, which empties unlogged tables and the note together, or where the note was taken away
    (read_anew_where_changed).
#}
{% macro should_full_refresh() %}
    {%- set asked = config.get('full_refresh') -%}
    {%- if asked is none -%}{%- set asked = flags.FULL_REFRESH -%}{%- endif -%}
    {%- if not asked and execute and config.get('materialized') == 'incremental' -%}
        {%- set asked = last_run() is none -%}
    {%- endif -%}
    {{ return(asked) }}
{% endmacro %}

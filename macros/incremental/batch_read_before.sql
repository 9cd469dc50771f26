{#
    Up to which batch of Stripe's events this table has read what its models of states hold: what came before need not
    be read again, as events only come. 0 where all has to be read: for the first time, in a full refresh, from the
    seeds, where an id may come again with another content, or by a unit test without a standing table.
#}
{% macro batch_read_before() -%}
    {%- if not execute or env_var('DOGDB_RAW', 'seeds') != 'live' or should_full_refresh() -%}
        {{ return(0) }}
    {%- elif this is none or load_relation(this) is none or not has_unique_id() -%}
        {{ return(0) }}
    {%- endif -%}
    {{ return(last_run().batch if last_run() else 0) }}
{%- endmacro %}

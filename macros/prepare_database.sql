{#
    What PostgreSQL can't say in one expression, as functions of schema `utilities`, and the notes of what incremental
    models have read and changed. Before every run, and without effect where all of it is there.

    The seeds' rows do not take the place of live ones unless asked to (--full-refresh), but on the embedded server, which is
    for trying.
#}
{% macro prepare_database() %}
    {%- if env_var('DOGDB_RAW', 'seeds') not in ['seeds', 'live'] -%}
        {{ exceptions.raise_compiler_error("DOGDB_RAW is '" ~ env_var('DOGDB_RAW') ~ "': seeds or live") }}
    {%- endif -%}
    {% if execute and flags.WHICH in ['build', 'run', 'test', 'snapshot', 'show', 'compile', 'run-operation'] %}
        {{ return(adapter.dispatch('prepare_database')()) }}
    {% endif %}
{% endmacro %}

{% macro postgres__prepare_database() %}
-- Two runs at once would replace the same rows of the catalog.
select pg_advisory_xact_lock(hashtext('dogdb: prepare database'));

create schema if not exists utilities;

create unlogged table if not exists utilities.reads (
    reader text primary key,
    read_snapshot pg_snapshot,
    last_batch bigint not null default 0,
    part_key text,
    read_until timestamptz
);
comment on table utilities.reads is
    'Up to where each incremental model has read; written with what it read, in one transaction. Unlogged like
    those models: a crash of the server empties them all, and the next build reads everything again.';

{% if env_var('DOGDB_RAW', 'seeds') != 'live' and flags.WHICH in ['build', 'run'] and not flags.FULL_REFRESH
    and not target.host.endswith('/.dogdb/run') -%}
do $live$
begin
    if exists (select from utilities.reads where reader = 'code') then
        raise exception 'the marts of this database are of live rows: DOGDB_RAW=live is missing, or --full-refresh'
            ' to put those of the seeds in their place';
    end if;
end
$live$;
{%- endif %}

create unlogged table if not exists utilities.told (
    relation text,
    part text,
    value text,
    told_in xid8 not null,
    primary key (relation, part, value)
);
comment on table utilities.told is
    'The accounts, subscriptions and months (part: which of them) whose rows a table has changed, and in which transaction last:
    what models below it go by.';

{{ postgres__cast_functions() }}
{{ postgres__json_functions() }}
{{ postgres__event_order_functions() }}
{{ postgres__json_from_text_functions() }}
{{ postgres__mrr_functions() }}
{% endmacro %}

{#
    What PostgreSQL can't say in one expression, as functions of schema `utilities`, and the notes of what incremental
    models have read and changed. Before every run, and without effect where all of it is there.
#}
{% macro prepare_database() %}
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
    last_batch bigint not null default 0
);
alter table utilities.reads
    add column if not exists part_key text,
    add column if not exists read_until timestamptz;
comment on table utilities.reads is
    'Up to where each incremental model has read; written with what it read, in one transaction. Unlogged like
    those models: a crash of the server empties them all, and the next build reads everything again.';

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

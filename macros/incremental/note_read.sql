{#
    Before a model of Stripe's events reads, in the transaction that writes what it reads, so that both stand or neither
    does: notes up to where. The events' own model notes the snapshot that it reads from, and numbers what it reads; the
    others note that number. What commits while they read is read again by the next run, and known there. The row that
    is noted stays locked, so that of two runs at once one waits here.
#}
{% macro note_read() %}{{ return(adapter.dispatch('note_read')()) }}{% endmacro %}

{% macro postgres__note_read() -%}
    {%- if model.name == 'stg_stripe__events' -%}
        insert into utilities.reads (reader, read_snapshot) values ('{{ this }}', pg_current_snapshot())
        on conflict (reader) do update set read_snapshot = excluded.read_snapshot
    {%- else -%}
        insert into utilities.reads (reader, last_batch)
        select '{{ this }}', last_batch from utilities.reads where reader = '{{ ref("stg_stripe__events") }}'
        on conflict (reader) do update set last_batch = excluded.last_batch
    {%- endif -%}
{%- endmacro %}

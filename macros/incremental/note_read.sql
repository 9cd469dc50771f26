{#
    Before the events' own model reads: notes the snapshot that it reads from, in the transaction that writes what it
    read. What commits while it reads is read again by the next run, and known there.
#}
{% macro note_read() %}{{ return(adapter.dispatch('note_read')()) }}{% endmacro %}

{% macro postgres__note_read() -%}
    {%- if model.name == 'stg_stripe__events' -%}
        insert into utilities.reads (reader, read_snapshot) values ('{{ this }}', pg_current_snapshot())
        on conflict (reader) do update set read_snapshot = excluded.read_snapshot
    {%- endif -%}
{%- endmacro %}

{#
    Before a model reads: notes the snapshot that it reads from, in the transaction that writes what it read. So both
    stand or neither does; what commits while the model reads is read again by the next run, and written once.
#}
{% macro note_read() %}{{ return(adapter.dispatch('note_read')()) }}{% endmacro %}

{% macro postgres__note_read() -%}
    insert into utilities.reads (reader, read_snapshot) values ('{{ this }}', pg_current_snapshot())
    on conflict (reader) do update set read_snapshot = excluded.read_snapshot
{%- endmacro %}

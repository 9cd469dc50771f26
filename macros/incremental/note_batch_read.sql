{#
    Before a table is made from models of states: notes up to which batch all of them have been read, in the transaction
    that makes the table. A table of seeds has read none.
#}
{% macro note_batch_read() %}{{ return(adapter.dispatch('note_batch_read')()) }}{% endmacro %}

{% macro postgres__note_batch_read() -%}
    {%- if env_var('DOGDB_RAW', 'seeds') == 'live' -%}
        insert into utilities.reads (reader, last_batch)
        values ('{{ this }}', {{ batch_of_inputs() }})
        on conflict (reader) do update set last_batch = excluded.last_batch
    {%- else -%}
        delete from utilities.reads where reader = '{{ this }}'
    {%- endif -%}
{%- endmacro %}

{#
    After a model has read: notes up to which batch, in the transaction that writes what it read, so that both stand or
    neither does. What the events' own model reads, it numbers; the others follow it.
#}
{% macro note_batch() %}{{ return(adapter.dispatch('note_batch')()) }}{% endmacro %}

{% macro postgres__note_batch() -%}
    {%- if model.name == 'stg_stripe__events' -%}
        insert into utilities.reads (reader, last_batch) values ('{{ this }}', {{ current_batch() }})
    {%- else -%}
        insert into utilities.reads (reader, last_batch)
        select '{{ this }}', last_batch from utilities.reads where reader = '{{ ref("stg_stripe__events") }}'
    {%- endif %}
    on conflict (reader) do update set last_batch = excluded.last_batch
{%- endmacro %}

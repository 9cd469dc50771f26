{#
    After a table was made from models of states: notes up to which batch all of them had been read, in the transaction
    that makes the table. A table of seeds has read none.
#}
{% macro note_batch_read(models) -%}
    {%- if env_var('DOGDB_RAW', 'seeds') == 'live' -%}
        insert into utilities.reads (reader, last_batch)
        select '{{ this }}', min(coalesce(reads.last_batch, 0))
        from (values {% for model in models %}('{{ ref(model) }}'){{ ', ' if not loop.last }}{% endfor %}) as models (reader)
        left join utilities.reads on models.reader = reads.reader
        on conflict (reader) do update set last_batch = excluded.last_batch
    {%- else -%}
        delete from utilities.reads where reader = '{{ this }}'
    {%- endif -%}
{%- endmacro %}

{#
    Before a model of parts is made, in its transaction: lists what is touched since the last run in a temporary table
    `touched` (column `part`), and notes, as of the same moment, what this run goes by. A model that is made whole has no
    such table.
#}
{% macro note_part() %}{{ return(adapter.dispatch('note_part')()) }}{% endmacro %}

{% macro postgres__note_part() -%}
    {%- set part = part_of_model() -%}
    {%- set touched -%}
        select distinct part from ({{ part.touched }}) as parts (part) where part is not null
    {%- endset -%}
    {%- set noted -%}
    insert into utilities.reads (reader, read_snapshot, last_batch, read_until, part_key)
    values (
        '{{ this }}',
        pg_current_snapshot(),
        {{ batch_of_inputs() }},
        {{ now_at() }},
        {{ part.key }}
    )
    on conflict (reader) do update
    set
        read_snapshot = excluded.read_snapshot, last_batch = excluded.last_batch,
        read_until = excluded.read_until, part_key = excluded.part_key
    {%- endset %}
    drop table if exists pg_temp.touched;
    {% if makes_part() -%}
    create temporary table touched on commit drop as {{ touched }} with no data;
    with noted as ({{ noted }}) insert into touched {{ touched }};
    analyze touched
    {%- else -%}
    {{ noted }}
    {%- endif -%}
{%- endmacro %}

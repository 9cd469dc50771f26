{#
    At the start of a run of all incremental models: where one of them has another SQL than when it last read (another
    version of this project, or another var), forgets up to where they have read, so that this run reads every event anew
    and makes every mart whole. Nothing is left that was read in two ways.
#}
{% macro read_anew_where_changed() %}
    {%- if not execute or flags.WHICH not in ['build', 'run'] or env_var('DOGDB_RAW', 'seeds') != 'live' -%}
        {{ return('') }}
    {%- endif -%}
    {%- set code = [var('count_test_mode'), object_kind('type'), life_cycle_rank('type')] -%}
    {%- for id, node in graph.nodes.items() | sort if node.config.materialized == 'incremental' -%}
        {%- if id not in selected_resources -%}{{ return('') }}{%- endif -%}
        {%- do code.append(node.raw_code) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('read_anew_where_changed')(local_md5(code | join('|')))) }}
{% endmacro %}

{% macro postgres__read_anew_where_changed(code) %}
do $changed$
declare
    current_key text := (
        select '{{ code }}' || md5(string_agg(pg_get_functiondef(functions.oid), '|' order by functions.oid))
        from pg_proc as functions
        where functions.pronamespace = to_regnamespace('utilities')
    );
begin
    if not exists (select from utilities.reads where reader = 'code' and part_key = current_key) then
        delete from utilities.reads;
        insert into utilities.reads (reader, part_key) values ('code', current_key);
    end if;
end
$changed$
{% endmacro %}

{#
    At the start of a run of all incremental models: where one of them, a table that builds on its own rows
    (batch_read_before) or a macro is another than when they last read (another version of this project, or another
    var), or the database was moved to another server, whose transactions are others, forgets up to where they have read,
    so that this run reads every event anew and makes every mart whole. Nothing is left that was read in two ways.
#}
{% macro read_anew_where_changed() %}
    {%- if not execute or flags.WHICH not in ['build', 'run'] or env_var('DOGDB_RAW', 'seeds') != 'live' -%}
        {{ return('') }}
    {%- endif -%}
    {%- set code = [var('count_test_mode')] -%}
    {%- for _, macro in context[project_name].items() | sort -%}
        {%- do code.append(macro.macro.macro_sql) -%}
    {%- endfor -%}
    {%- for id, node in graph.nodes.items() | sort -%}
        {%- set is_incremental = node.config.materialized == 'incremental' -%}
        {%- if is_incremental and id not in selected_resources -%}{{ return('') }}{%- endif -%}
        {%- if is_incremental or 'batch_read_before()' in node.raw_code -%}
            {%- do code.append(node.raw_code) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('read_anew_where_changed')(local_md5(code | join('|')))) }}
{% endmacro %}

{% macro postgres__read_anew_where_changed(code) %}
do $changed$
declare
    code_here text := concat('{{ code }} ', (select system_identifier from pg_control_system()));
begin
    if not exists (select from utilities.reads where reader = 'code' and part_key = code_here) then
        delete from utilities.reads;
        insert into utilities.reads (reader, part_key) values ('code', code_here);
    end if;
end
$changed$
{% endmacro %}

{#
    A digest of all that decides what a model makes of its input: its own SQL and contract, the views it reads, the
    functions they use, the policy, the tables it reads (one made anew is another), and `inputs`, SQL expressions of its
    own. While it stays the same, rows whose input did not change need not be made again.
#}
{% macro part_key(views=[], tables=[], inputs=[]) %}
    {{- return(adapter.dispatch('part_key')(views, tables, inputs)) -}}
{% endmacro %}

{% macro postgres__part_key(views, tables, inputs) -%}
    {%- set code = [
        model.raw_code, policy_switches(), var('now'), var('count_test_mode'), env_var('DOGDB_RAW', 'seeds'),
    ] -%}
    {%- for column in model['columns'].values() -%}
        {%- do code.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    md5(concat_ws(
        '|',
        '{{ local_md5(code | join("|")) }}',
        (
            select md5(string_agg(coalesce(functions.prosrc, '') || pg_get_functiondef(functions.oid), '|' order by functions.oid))
            from pg_proc as functions
            where functions.pronamespace = to_regnamespace('utilities')
        )
        {%- for view in views %},
        md5(pg_get_viewdef(to_regclass('{{ view }}')))
        {%- endfor %}
        {%- for table in tables %},
        to_regclass('{{ table }}')::oid
        {%- endfor %}
        {%- for input in inputs %},
        {{ input }}
        {%- endfor %}
    ))
{%- endmacro %}

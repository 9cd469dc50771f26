{#
    Overrides dbt's `view`: one whose definition is what it was stands as it is, and so does what analysts have built
    on it; dbt's own makes every view anew in every run, and drops all that refers to it.
#}
{% materialization view, adapter='postgres', supported_languages=['sql'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or existing.type != 'view' or pre_hooks or post_hooks or config.get('grants') -%}
        {{ return(dbt.materialization_view_default()) }}
    {%- endif -%}

    {%- if config.get('contract').enforced -%}{% do get_assert_columns_equivalent(sql) %}{%- endif -%}
    {%- set beside = 'new_' ~ local_md5(this | string)[:24] -%}
    {% call statement('main', fetch_result=true) %}
        create temporary view {{ beside }} as ({{ sql }});
        select 1 where pg_get_viewdef('{{ beside }}'::regclass) = pg_get_viewdef(to_regclass('{{ this }}'))
    {% endcall %}
    {%- if load_result('main').table.rows | length == 0 -%}
        {{ return(dbt.materialization_view_default()) }}
    {%- endif -%}

    {% do persist_docs(this, model) %}
    {{ adapter.commit() }}
    {{ return({'relations': [existing]}) }}
{% endmaterialization %}

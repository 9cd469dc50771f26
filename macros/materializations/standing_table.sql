{#
    Overrides dbt's `table`: one with an enforced contract stands while it is rebuilt. The new rows are made beside it, under the same contract; then only
    the difference is written to it, in one transaction. So foreign keys, analysts' views and grants survive every
    rebuild, readers see the old rows or the new ones and nothing between, and a refused row changes nothing.

    The contract needs a primary key. Foreign keys cascade: a row that goes takes along what hangs on
    it, which the build of those tables would take away next.

    A changed contract is carried out in place: columns and constraints come and go. What can't be done so (another
    type, another primary key) is an error that asks for --full-refresh, which makes the table anew; tables that
    refer to it get their foreign keys back when they are built next.

    A model of parts (macros/incremental/note_part.sql) may have made the rows of some parts only; then the others stay.

    config: indexes: [{columns: [...], unique: bool}]; part: the expression that names a row's part, or a list of some, each
    taken as text, of which one suffices; tells: what is noted of changed rows for the models below, as
    {account_id: expression, month: expression}.
#}
{% materialization table, adapter='postgres', supported_languages=['sql'] %}
    {%- if not config.get('contract').enforced -%}
        {{ return(dbt.materialization_table_default()) }}
    {%- endif -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set beside = 'new_' ~ local_md5(this | string)[:24] -%}
    {%- set key = standing_table__key() -%}
    {%- set columns = model['columns'].values() | map(attribute='name') | list -%}

    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.type == 'table' -%}{% do standing_table__release(target) %}{%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('make_rows') %}
        {{ get_assert_columns_equivalent(sql) }}
        {{ standing_table__create(beside, temporary=true) }};
        insert into {{ beside }} ({{ columns | join(', ') }})
        select {{ columns | join(', ') }} from ({{ sql }}) as made;
        analyze {{ beside }};
    {% endcall %}

    {%- set part = none -%}
    {%- if config.get('part') and run_query("select to_regclass('pg_temp.touched')").rows[0][0] is not none -%}
        {%- set part = config.get('part') -%}
    {%- endif -%}

    {%- set found = standing_table__found(target, beside) if existing is not none and existing.type == 'table' -%}
    {%- if found and found.clashes and not should_full_refresh() -%}
        {{ exceptions.raise_compiler_error(
            target ~ ' stands with another contract (' ~ found.clashes | join('; ') ~ '): build it once with --full-refresh'
        ) }}
    {%- endif -%}
    {%- if existing is not none and (not found or found.clashes) -%}
        {% do adapter.drop_relation(existing) %}
        {%- set existing = none -%}
        {%- set found = none -%}
    {%- endif -%}

    {% if existing is none %}
        {% call statement('create') %}{{ standing_table__create(target, temporary=false) }}{% endcall %}
    {% else %}
        {% do standing_table__follow_contract(target, found) %}
    {% endif %}

    {%- set tells = config.get('tells') if existing is not none -%}
    {% call statement('main') %}{{ standing_table__write_difference(target, beside, key, columns, part, tells) }}{% endcall %}
    {% do standing_table__constrain(target, found) %}
    {%- if existing is none -%}
        {% call statement('analyze') %}analyze {{ target }}{% endcall %}
    {%- endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=False)) %}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}

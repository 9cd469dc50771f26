{# A query of the accounts of which a table, with `config(tells_accounts=true)`, has changed rows since this model read. #}
{% macro accounts_told_by(relation) %}{{ return(adapter.dispatch('accounts_told_by')(relation)) }}{% endmacro %}

{% macro postgres__accounts_told_by(relation) -%}
    select told.account_id
    from utilities.told_accounts as told
    where told.relation = '{{ relation }}'
        and not pg_visible_in_snapshot(
            told.told_in,
            (select reads.read_snapshot from utilities.reads as reads where reads.reader = '{{ this }}')
        )
{%- endmacro %}

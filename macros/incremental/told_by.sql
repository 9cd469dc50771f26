{#
    A query of the parts (accounts, customers, subscriptions, months) of which a table, with `config(tells=…)`, has changed
    rows since this model read. A table made anew tells nothing; that it is another one, `part_key(tables=…)` notices.
#}
{% macro told_by(relation, part) %}{{ return(adapter.dispatch('told_by')(relation, part)) }}{% endmacro %}

{% macro postgres__told_by(relation, part) -%}
    select told.value::{{ {'account_id': 'bigint', 'month': 'date'}.get(part, 'text') }}
    from utilities.told as told
    where told.relation = '{{ relation }}'
        and told.part = '{{ part }}'
        and not pg_visible_in_snapshot(
            told.told_in,
            (select reads.read_snapshot from utilities.reads as reads where reads.reader = '{{ this }}')
        )
{%- endmacro %}

{#
    The months of which accounts' rows have changed, and those of the year after, which look back on them. All where a
    currency came or went.
#}
{% macro mrr_months__part() -%}
    {%- set touched -%}
        select later.month
        from ({{ told_by(ref('account_months'), 'month') }}) as changed (month)
        cross join lateral (
            select changed.month
            union all
            select {{ add_months('changed.month', 12) }}
        ) as later (month)
        union all
        select month
        from {{ ref('util_months') }}
        where
            (select count(distinct currency) from {{ this }} where currency <> 'all')
            <> (select count(distinct currency) from {{ ref('account_months') }})
            or exists (
                select currency from {{ ref('account_months') }} except select currency from {{ this }}
            )
    {%- endset -%}
    {%- set key = part_key(
        tables=[ref('account_months')],
        inputs=[digest_of(ref('util_months'))],
    ) -%}
    {{ return({'key': key, 'touched': touched}) }}
{%- endmacro %}

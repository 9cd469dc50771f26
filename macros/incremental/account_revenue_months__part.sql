{# The accounts of which a line has changed, and, of all accounts, the months that now has been in since the last run. #}
{% macro account_revenue_months__part() -%}
    {%- set touched -%}
        select changed.account_id::text
        from ({{ told_by(ref('revenue_lines'), 'account_id') }}) as changed (account_id)
        union all
        select month::text
        from {{ ref('util_months') }}
        where ends_at > (select reads.read_until from utilities.reads as reads where reads.reader = '{{ this }}')
    {%- endset -%}
    {%- set key = part_key(
        tables=[ref('revenue_lines')],
        inputs=[digest_of(ref('util_months')), digest_of(ref('exchange_rates'))],
    ) -%}
    {{ return({'key': key, 'touched': touched}) }}
{%- endmacro %}

{# The months that changed lines are billed or earned in, and those that now has been in since the last run. #}
{% macro account_revenue_months__part() -%}
    {%- set touched -%}
        select greatest(changed.month, bounds.first_month)
        from ({{ told_by(ref('revenue_lines'), 'month') }}) as changed (month)
        cross join (select min(month) as first_month from {{ ref('util_months') }}) as bounds
        union all
        select month
        from {{ ref('util_months') }}
        where ends_at > (select reads.read_until from utilities.reads as reads where reads.reader = '{{ this }}')
    {%- endset -%}
    {%- set key = part_key(
        tables=[ref('revenue_lines')],
        inputs=[digest_of(ref('util_months')), digest_of(ref('exchange_rates'))],
    ) -%}
    {{ return({'key': key, 'touched': touched}) }}
{%- endmacro %}

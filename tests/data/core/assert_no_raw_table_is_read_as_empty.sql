{#
    A staging model keeps every row of its raw table, the refused ones too: it has rows where that has some. Not how many,
    as a live table grows while the warehouse is built.
#}

{% set sources = {
    'ad_spend': 'stg_installs__ad_spend',
    'channel_dim': 'stg_installs__channels',
    'client_dim': 'stg_installs__clients',
    'customer_accounts': 'stg_dogdb__accounts',
    'customer_interactions': 'stg_dogdb__interactions',
    'customer_licenses': 'stg_dogdb__licenses',
    'customer_pricing_plans': 'stg_dogdb__plan_prices',
    'fx_rates': 'stg_finance__exchange_rates',
    'service_representatives': 'stg_dogdb__representatives',
    'user_first_install_fact': 'stg_installs__installs',
} -%}

{% for source, model in sources.items() -%}
select '{{ source }}' as source
where
    exists (select 1 from {{ raw(source) }} as raw_rows)
    and not exists (select 1 from {{ ref(model) }})
{{ 'union all' if not loop.last }}
{% endfor %}

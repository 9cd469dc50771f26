{# Raw table to the staging model that keeps each of its rows, the refused ones with their reason; Stripe's events apart. #}
{% macro staging_models() -%}
    {{ return({
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
    }) }}
{%- endmacro %}

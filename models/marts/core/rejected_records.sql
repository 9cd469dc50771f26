{# Every raw row that no mart counts, with its reason and its text: nothing is lost, nothing guessed. #}

with

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
    'stripe_events': 'stg_stripe__rejected_events',
    'user_first_install_fact': 'stg_installs__installs',
} -%}

rejected as (
    {% for source, model in sources.items() -%}
    select
        '{{ source }}' as source,
        record_key,
        rejection_reason,
        original_record
    from {{ ref(model) }}
    where rejection_reason is not null
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

final as (
    select
        {{ dbt_utils.generate_surrogate_key(
            ['source', 'record_key', 'original_record', 'rejection_reason']
        ) }} as rejected_record_key,
        source,
        record_key,
        rejection_reason,
        original_record,
        count(*) as record_count
    from rejected
    group by source, record_key, rejection_reason, original_record
)

select * from final

{#
    What Stripe tells of a card, an account or a wallet, one meaning per column whatever the API version. details: as of
    `json_details`. brand_else: what stands for the brand where it tells none.
#}
{% macro method_columns(details, brand_else='null') -%}
        coalesce(
            {{ json_string(details, 'wallet.type') }},
            {{ json_string(details, 'tokenization_method') }}
        ) as wallet_type,
        coalesce(
            {{ json_string(details, 'brand') }},
            {{ json_string(details, 'bank_name') }},
            {{ json_string(details, 'bank') }},
            {{ json_string(details, 'bank_code') }},
            case
                when {{ json_string(details, 'object') }} = 'card' then {{ json_string(details, 'type') }}
            end,
            {{ brand_else }}
        ) as brand,
        coalesce(
            {{ json_scalar(details, 'last4') }},
            {{ json_string(details, 'iban_last4') }}
        ) as last4,
        {{ json_amount(details, 'exp_month') }} as expiry_month,
        {{ json_amount(details, 'exp_year') }} as expiry_year,
        {{ json_string(details, 'funding') }} as funding,
        {{ json_string(details, 'country') }} as country_code,
        {{ json_string(details, 'fingerprint') }} as fingerprint
{%- endmacro %}

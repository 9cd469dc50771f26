{#
    What tells whether two items of finance.subscription_periods are one, and what of it changed. are_named: whether both
    states give theirs ids.
#}
{% macro item_columns(item, are_named) -%}
    coalesce(
        case
            when {{ are_named }}
                then {{ json_string(item ~ '.value', 'subscription_item_id') }}
        end,
        {{ item }}.item_number::text
    ) as item_key,
    {{ json_string(item ~ '.value', 'price_id') }} as price_id,
    coalesce(
        {{ json_string(item ~ '.value', 'product_id') }},
        {{ json_string(item ~ '.value', 'plan') }}
    ) as product,
    concat(
        {{ json_decimal(item ~ '.value', 'interval_count') }},
        ' ',
        {{ json_string(item ~ '.value', 'interval') }}
    ) as recurring_interval,
    {{ json_decimal(item ~ '.value', 'quantity') }} as quantity,
    coalesce({{ json_decimal(item ~ '.value', 'list_mrr') }}, 0) as list_mrr
{%- endmacro %}

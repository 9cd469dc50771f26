{# None where nothing of what it reads is another; else, as ranks are of all accounts together, all of them. #}
{% macro developer_account_interactions__part() -%}
    {%- set key = part_key(inputs=[
        digest_of(ref('customer_accounts')),
        digest_of(ref('customer_licenses')),
        digest_of(ref('customer_interactions')),
        digest_of(ref('service_representatives')),
        digest_of(ref('util_months')),
    ]) -%}
    {{ return({'key': key, 'touched': 'select null::bigint where false'}) }}
{%- endmacro %}

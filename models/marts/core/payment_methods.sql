{#
    Every card, account and wallet that was saved or charged. What it is comes from its own events, else from the list that
    its customer's carry, else from its charges; its number and expiry from whichever of them told it last, as a bank may
    renew a card and only the next charge shows it.
#}

{% set method_types_of = {
    'card': ['card', 'card_present', 'interac_present', 'kr_card', 'three_d_secure'],
    'bank': [
        'bank_account', 'us_bank_account', 'nz_bank_account', 'customer_balance',
        'ach_debit', 'acss_debit', 'au_becs_debit', 'bacs_debit', 'sepa_debit',
        'ach_credit_transfer', 'sepa_credit_transfer',
        'bancontact', 'blik', 'eps', 'fpx', 'giropay', 'ideal', 'p24', 'sofort',
        'pay_by_bank', 'paynow', 'payto', 'pix', 'promptpay', 'upi',
    ],
    'wallet': [
        'alipay', 'alipay_account', 'amazon_pay', 'bizum', 'cashapp', 'grabpay',
        'kakao_pay', 'link', 'mb_way', 'mobilepay', 'naver_pay', 'payco', 'paypal',
        'revolut_pay', 'samsung_pay', 'satispay', 'swish', 'twint', 'wechat',
        'wechat_pay',
    ],
} -%}

with

saved as (
    select
        payment_method_id,
        stripe_customer_id,
        method_type,
        wallet_type,
        brand,
        last4,
        expiry_month,
        expiry_year,
        funding,
        country_code,
        fingerprint,
        created_at,
        is_detached,
        occurred_at as told_at
    from {{ latest_states('stg_stripe__payment_method_states') }} as latest
),

listings as (
    select
        states.event_id,
        states.occurred_at,
        states.stripe_customer_id,
        source.value as source,
        {{ json_details('source.value') }} as details
    from {{ ref('stg_stripe__customer_states') }} as states
    cross join lateral {{ elements_of('states.sources') }} as source (value)
    where states.sources <> {{ json_none() }}
    {{ worked_out_once() }}
),

listed as (
    select distinct on (payment_method_id)
        {{ json_own_id('source') }} as payment_method_id,
        stripe_customer_id,
        {{ method_type(
            json_string('source', 'object'),
            json_string('source', 'type')
        ) }} as method_type,
        {{ method_columns('details') }},
        {{ json_instant('source', 'created') }} as created_at,
        false as is_detached,
        occurred_at as told_at
    from listings
    order by payment_method_id, occurred_at desc, event_id
),

kept as (
    select *
    from saved
    union all
    select listed.*
    from listed
    left join saved on listed.payment_method_id = saved.payment_method_id
    where listed.payment_method_id is not null and saved.payment_method_id is null
),

{# A detached method belongs to nobody any more; whose it was is what its other states say. #}
owners as (
    select distinct on (payment_method_id)
        payment_method_id,
        stripe_customer_id
    from {{ ref('stg_stripe__payment_method_states') }}
    where stripe_customer_id is not null
    order by payment_method_id, occurred_at desc, event_id
),

{# A charge shows the card as it was then, also where a later event tells of the charge. #}
charged as (
    select distinct on (payment_method_id)
        payment_method_id,
        stripe_customer_id,
        method_type,
        wallet_type,
        brand,
        last4,
        expiry_month,
        expiry_year,
        funding,
        country_code,
        fingerprint,
        least(created_at, occurred_at) as told_at
    from {{ ref('stg_stripe__charge_states') }}
    where payment_method_id is not null
    order by payment_method_id, told_at desc, event_id
),

{% set told_columns = [
    'brand', 'last4', 'expiry_month', 'expiry_year', 'funding', 'country_code',
    'fingerprint',
] -%}

tellings as (
    {% for teller in ['saved', 'listed', 'charged'] -%}
    select
        payment_method_id,
        {{ told_columns | join(',\n        ') }},
        told_at,
        {{ loop.index }} as teller_rank
    from {{ teller }}
    where last4 is not null or expiry_year is not null
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

newest as (
    select distinct on (payment_method_id)
        payment_method_id,
        {{ told_columns | join(',\n        ') }}
    from tellings
    order by payment_method_id, told_at desc, teller_rank
),

customers as (
    select
        stripe_customer_id,
        is_deleted
    from {{ ref('stripe_customers') }}
),

methods as (
    select
        coalesce(kept.payment_method_id, charged.payment_method_id)
            as payment_method_id,
        coalesce(
            kept.stripe_customer_id,
            owners.stripe_customer_id,
            charged.stripe_customer_id
        ) as stripe_customer_id,
        coalesce(kept.method_type, charged.method_type) as method_type,
        coalesce(kept.wallet_type, charged.wallet_type) as wallet_type,
        {% for column in told_columns -%}
        coalesce(newest.{{ column }}, kept.{{ column }}, charged.{{ column }})
            as {{ column }},
        {% endfor -%}
        kept.created_at,
        coalesce(kept.is_detached, false) as is_detached,
        kept.payment_method_id is null as is_inferred
    from kept
    full join charged on kept.payment_method_id = charged.payment_method_id
    left join owners on kept.payment_method_id = owners.payment_method_id
    left join newest
        on
            coalesce(kept.payment_method_id, charged.payment_method_id)
            = newest.payment_method_id
),

final as (
    select
        methods.payment_method_id,
        customers.stripe_customer_id,
        case
            when methods.wallet_type is not null then 'wallet'
            {%- for payment_type, method_types in method_types_of.items() %}
            when
                methods.method_type in (
                    {%- for method_type in method_types %}
                    '{{ method_type }}'{{ ',' if not loop.last }}
                    {%- endfor %}
                )
                then '{{ payment_type }}'
            {%- endfor %}
            else 'other'
        end as payment_type,
        methods.method_type,
        {{ card_brand('methods.brand') }} as brand,
        methods.last4,
        {{ expiry_date('methods.expiry_year', 'methods.expiry_month') }} as expires_on,
        methods.funding,
        methods.country_code,
        methods.fingerprint,
        methods.created_at,
        methods.is_detached or coalesce(customers.is_deleted, false) as is_detached,
        methods.is_inferred
    from methods
    left join customers on methods.stripe_customer_id = customers.stripe_customer_id
)

select * from final

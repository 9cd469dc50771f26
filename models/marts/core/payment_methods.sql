{#
    Every card, account and wallet that was saved or charged. What it is comes from its own events, else from the list that
    its customer's carry, else from its charges; its number and expiry from whichever of them told it last, as a bank may
    renew a card and only the next charge shows it. What is older than payment methods (pm_…) is in its customer's list while
    it can be charged, and gone once it is not.
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

lists as (
    select
        states.stripe_customer_id,
        states.occurred_at,
        states.sources,
        states.has_more_sources,
        row_number() over (
            partition by states.stripe_customer_id
            order by {{ in_order('states') }}
        ) as list_number
    from {{ ref('stg_stripe__customer_states') }} as states
    left join {{ ref('stg_stripe__tie_positions') }} as ties
        on states.event_id = ties.event_id
    where states.sources is not null
),

complete_lists as (
    select distinct on (stripe_customer_id)
        stripe_customer_id,
        occurred_at,
        list_number
    from lists
    where not has_more_sources
    order by stripe_customer_id, list_number desc
),

listings as (
    select
        lists.stripe_customer_id,
        lists.occurred_at,
        lists.list_number,
        source.value as source,
        {{ json_details('source.value') }} as details
    from lists
    cross join lateral {{ elements_of('lists.sources') }} as source (value)
    where lists.sources <> {{ json_none() }}
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
        list_number,
        occurred_at as told_at
    from listings
    where {{ json_own_id('source') }} is not null
    order by payment_method_id, occurred_at desc, list_number desc, stripe_customer_id
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
        coalesce(
            saved.payment_method_id,
            listed.payment_method_id,
            charged.payment_method_id
        ) as payment_method_id,
        coalesce(
            saved.stripe_customer_id,
            owners.stripe_customer_id,
            listed.stripe_customer_id,
            charged.stripe_customer_id
        ) as stripe_customer_id,
        coalesce(saved.method_type, listed.method_type, charged.method_type)
            as method_type,
        coalesce(saved.wallet_type, listed.wallet_type, charged.wallet_type)
            as wallet_type,
        {% for column in told_columns -%}
        coalesce(
            newest.{{ column }},
            saved.{{ column }},
            listed.{{ column }},
            charged.{{ column }}
        ) as {{ column }},
        {% endfor -%}
        coalesce(saved.created_at, listed.created_at) as created_at,
        coalesce(saved.is_detached, false) as is_detached,
        saved.payment_method_id is null and listed.payment_method_id is null
            as is_inferred,
        listed.stripe_customer_id as lister_id,
        listed.list_number,
        greatest(saved.told_at, charged.told_at) as seen_at
    from saved
    full join listed on saved.payment_method_id = listed.payment_method_id
    full join charged
        on
            coalesce(saved.payment_method_id, listed.payment_method_id)
            = charged.payment_method_id
    left join owners on saved.payment_method_id = owners.payment_method_id
    left join newest
        on
            coalesce(
                saved.payment_method_id,
                listed.payment_method_id,
                charged.payment_method_id
            ) = newest.payment_method_id
),

{# A list from the same second as the method's own event may be older than it, so it does not delist it. #}
delisted as (
    select methods.payment_method_id
    from methods
    inner join complete_lists
        on methods.stripe_customer_id = complete_lists.stripe_customer_id
    where
        methods.payment_method_id not like 'pm\_%'
        and coalesce(methods.seen_at < complete_lists.occurred_at, true)
        and (
            methods.list_number < complete_lists.list_number
            or methods.lister_id is distinct from methods.stripe_customer_id
        )
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
        methods.is_detached
        or delisted.payment_method_id is not null
        or coalesce(customers.is_deleted, false) as is_detached,
        methods.is_inferred
    from methods
    left join customers on methods.stripe_customer_id = customers.stripe_customer_id
    left join delisted on methods.payment_method_id = delisted.payment_method_id
)

select * from final

{#
    Every card, account and wallet that was saved or charged. One that was only charged is known as it was then; a
    saved one as it is now.
#}

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
        fingerprint,
        country_code,
        created_at,
        is_detached
    from {{ latest_states('stg_stripe__payment_method_states') }} as latest
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
        fingerprint
    from {{ ref('stg_stripe__charge_states') }}
    where payment_method_id is not null
    order by payment_method_id, occurred_at desc, event_id
),

customers as (
    select stripe_customer_id
    from {{ ref('stripe_customers') }}
),

methods as (
    select
        coalesce(saved.payment_method_id, charged.payment_method_id)
            as payment_method_id,
        coalesce(
            saved.stripe_customer_id,
            owners.stripe_customer_id,
            charged.stripe_customer_id
        ) as stripe_customer_id,
        coalesce(saved.method_type, charged.method_type) as method_type,
        coalesce(saved.wallet_type, charged.wallet_type) as wallet_type,
        {{ card_brand('coalesce(saved.brand, charged.brand)') }} as brand,
        coalesce(saved.last4, charged.last4) as last4,
        coalesce(saved.expiry_month, charged.expiry_month) as expiry_month,
        coalesce(saved.expiry_year, charged.expiry_year) as expiry_year,
        coalesce(saved.funding, charged.funding) as funding,
        coalesce(saved.fingerprint, charged.fingerprint) as fingerprint,
        saved.country_code,
        saved.created_at,
        coalesce(saved.is_detached, false) as is_detached,
        saved.payment_method_id is null as is_inferred
    from saved
    full join charged on saved.payment_method_id = charged.payment_method_id
    left join owners on saved.payment_method_id = owners.payment_method_id
),

final as (
    select
        methods.payment_method_id,
        customers.stripe_customer_id,
        case
            when methods.wallet_type is not null then 'wallet'
            when methods.method_type = 'card' then 'card'
            when
                methods.method_type in (
                    'bank_account',
                    'us_bank_account',
                    'ach_debit',
                    'acss_debit',
                    'sepa_debit',
                    'bacs_debit',
                    'au_becs_debit',
                    'nz_bank_account',
                    'customer_balance',
                    'ach_credit_transfer', 'sepa_credit_transfer'
                )
                then 'bank'
            when
                methods.method_type in (
                    'paypal', 'link', 'cashapp', 'amazon_pay', 'alipay', 'wechat_pay',
                    'revolut_pay',
                    'grabpay',
                    'kakao_pay',
                    'naver_pay',
                    'payco',
                    'samsung_pay'
                )
                then 'wallet'
            else 'other'
        end as payment_type,
        methods.method_type,
        methods.brand,
        methods.last4,
        {{ expiry_date('methods.expiry_year', 'methods.expiry_month') }} as expires_on,
        methods.funding,
        methods.country_code,
        methods.fingerprint,
        methods.created_at,
        methods.is_detached,
        methods.is_inferred
    from methods
    left join customers on methods.stripe_customer_id = customers.stripe_customer_id
)

select * from final

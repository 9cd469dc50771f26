{{ config(tells={'account_id': 'account_id'}) }}

with

final as (
    select
        stripe_customer_id,
        account_id,
        account_link,
        email,
        name,
        country_code,
        address_line1,
        address_line2,
        address_city,
        address_state,
        address_postal_code,
        currency,
        default_payment_method_id,
        created_at,
        is_deleted,
        is_inferred
    from {{ ref('int_stripe_customers_linked') }}
)

select * from final

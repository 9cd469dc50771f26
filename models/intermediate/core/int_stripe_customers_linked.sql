{#
    Whose a Stripe customer is: the account that its metadata name, else the one account with its e-mail address,
    else an account of its own under a negative number. A customer that only others refer to is inferred.
#}

with

customers as (
    select
        stripe_customer_id,
        account_reference,
        email,
        name,
        currency,
        country_code,
        address_line1,
        address_line2,
        address_city,
        address_state,
        address_postal_code,
        default_payment_method_id,
        created_at,
        is_deleted
    from {{ latest_states('stg_stripe__customer_states') }} as latest
),

{% set referring = [
    'stg_stripe__charge_states',
    'stg_stripe__credit_note_states',
    'stg_stripe__discount_states',
    'stg_stripe__invoice_states',
    'stg_stripe__payment_intent_states',
    'stg_stripe__payment_method_states',
    'stg_stripe__subscription_states',
] -%}

referred_to as (
    {% for model in referring -%}
    select stripe_customer_id
    from {{ ref(model) }}
    where stripe_customer_id is not null
    {{ 'union' if not loop.last }}
    {% endfor -%}
),

addresses as (
    select
        lower(trim(email)) as email,
        min(account_id) as account_id
    from {{ ref('stg_dogdb__accounts') }}
    where is_current and trim(email) <> ''
    group by lower(trim(email))
    having count(*) = 1
),

all_customers as (
    select
        customers.*,
        false as is_inferred
    from customers
    union all
    select
        referred_to.stripe_customer_id,
        {% for column in [
            'account_reference', 'email', 'name', 'currency', 'country_code',
            'address_line1', 'address_line2', 'address_city', 'address_state',
            'address_postal_code', 'default_payment_method_id',
        ] -%}
        null::text as {{ column }},
        {% endfor -%}
        null::timestamptz as created_at,
        false as is_deleted,
        true as is_inferred
    from referred_to
    left join customers
        on referred_to.stripe_customer_id = customers.stripe_customer_id
    where customers.stripe_customer_id is null
),

final as (
    select
        all_customers.stripe_customer_id,
        coalesce(
            {{ to_whole_number('all_customers.account_reference') }},
            addresses.account_id,
            {{ negative_number('all_customers.stripe_customer_id') }}
        ) as account_id,
        case
            when {{ to_whole_number('all_customers.account_reference') }} is not null
                then 'metadata'
            when addresses.account_id is not null then 'email'
            else 'none'
        end as account_link,
        all_customers.email,
        all_customers.name,
        all_customers.currency,
        all_customers.country_code,
        all_customers.address_line1,
        all_customers.address_line2,
        all_customers.address_city,
        all_customers.address_state,
        all_customers.address_postal_code,
        all_customers.default_payment_method_id,
        all_customers.created_at,
        all_customers.is_deleted,
        all_customers.is_inferred
    from all_customers
    left join addresses on lower(trim(all_customers.email)) = addresses.email
)

select * from final

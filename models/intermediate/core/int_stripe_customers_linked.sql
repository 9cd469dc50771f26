{#
    Whose a Stripe customer is: the account that its metadata name, else the one account with its e-mail address,
    else an account of its own under a negative number. A customer that only others refer to is inferred.

    Those who were referred to before are known from the table as it stands; only what is new is read for others.
#}

{% set referring = [
    'stg_stripe__charge_states',
    'stg_stripe__credit_note_states',
    'stg_stripe__discount_states',
    'stg_stripe__invoice_states',
    'stg_stripe__payment_intent_states',
    'stg_stripe__payment_method_states',
    'stg_stripe__subscription_states',
] -%}

{{ config(
    materialized='table',
    pre_hook="{{ note_batch_read() }}",
    post_hook="{{ analyze_whole() }}",
) }}

{% set read_before = batch_read_before() -%}
{% set is_new = 'batch > ' ~ read_before if read_before else 'true' -%}

with

latest as (
    select *
    from {{ latest_states('stg_stripe__customer_states') }} as latest_states
),

{# A deletion may show no more than the id: who it was and whose, the state before it tells. #}
states_before_deletion as (
    select
        states.*,
        row_number() over (
            partition by states.stripe_customer_id
            order by {{ in_order('states', 'desc') }}
        ) as place_from_end
    from {{ ref('stg_stripe__customer_states') }} as states
    left join {{ ref('stg_stripe__tie_positions') }} as ties
        on states.event_id = ties.event_id
    where
        states.has_no_metadata is not true
        and {{ is_among(
            'states.stripe_customer_id',
            'select latest.stripe_customer_id from latest where latest.is_deleted and latest.has_no_metadata'
        ) }}
),

customers as (
    select
        latest.stripe_customer_id,
        {{ to_whole_number(
            'coalesce(latest.account_reference, earlier.account_reference)'
        ) }} as named_account_id,
        {% for column in [
            'email', 'name', 'currency', 'country_code',
            'address_line1', 'address_line2', 'address_city', 'address_state',
            'address_postal_code', 'default_payment_method_id', 'created_at',
        ] -%}
        coalesce(latest.{{ column }}, earlier.{{ column }}) as {{ column }},
        {% endfor -%}
        latest.is_deleted
    from latest
    left join states_before_deletion as earlier
        on
            latest.stripe_customer_id = earlier.stripe_customer_id
            and earlier.place_from_end = 1
),

referred_to as (
    {% for model in referring -%}
    select stripe_customer_id
    from {{ ref(model) }}
    where stripe_customer_id is not null and {{ is_new }}
    {{ 'union' if not loop.last }}
    {% endfor -%}
    {% if read_before -%}
    union
    select stripe_customer_id
    from {{ this }}
    where is_inferred
    {% endif -%}
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
        null::bigint as named_account_id,
        {% for column in [
            'email', 'name', 'currency', 'country_code',
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
            all_customers.named_account_id,
            addresses.account_id,
            {{ negative_number('all_customers.stripe_customer_id') }}
        ) as account_id,
        case
            when all_customers.named_account_id is not null
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

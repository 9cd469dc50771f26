{# Every movement of money that Stripe tells of, once. #}

{{ config(
    part='coalesce(charge_id, transaction_id)',
    pre_hook="{{ note_part() }}",
) }}

{% set is_touched_charge = in_touched_parts('states.charge_id') -%}
{% set is_touched_invoice = in_touched_parts('states.invoice_id') -%}
{% set is_payment_of_touched -%}
{% if makes_part() -%}
states.invoice_payment_id in (
    select payments.invoice_payment_id
    from {{ ref('stg_stripe__invoice_payment_states') }} as payments
    where {{ in_touched_parts('payments.charge_id') }}
    union all
    select payments.invoice_payment_id
    from {{ ref('stg_stripe__invoice_payment_states') }} as payments
    where {{ in_touched_parts('payments.invoice_id') }}
    union all
    select payments.invoice_payment_id
    from {{ ref('stg_stripe__invoice_payment_states') }} as payments
    where payments.payment_intent_id in (
        select all_charges.payment_intent_id
        from all_charges
    )
)
{%- else -%}
true
{%- endif -%}
{%- endset -%}
{% set amount = major_units('movements.amount_minor', 'currencies.decimal_places') -%}

with

all_charges as (
    select
        charge_id,
        stripe_customer_id,
        payment_intent_id,
        payment_method_id,
        status,
        currency,
        coalesce(created_at, occurred_at) as charged_at
    from {{ latest_states('stg_stripe__charge_states', is_touched_charge) }} as latest
),

captures as (
    select
        charge_id,
        amount_captured_minor
    from {{ ref('int_charges_captured') }}
    where {{ of_touched_parts('charge_id') }}
),

{# An object of their own tells of them, or the invoice that lists them. #}
invoice_payments as (
    select
        invoice_id,
        payment_intent_id,
        charge_id
    from
        {{ latest_states('stg_stripe__invoice_payment_states', is_payment_of_touched) }}
            as latest
    where status = 'paid' and is_by_stripe
    union
    select
        states.invoice_id,
        {{ json_id('payment.value', 'payment.payment_intent') }} as payment_intent_id,
        {{ json_id('payment.value', 'payment.charge') }} as charge_id
    from {{ ref('stg_stripe__invoice_states') }} as states
    cross join lateral {{ elements_of('states.payments') }} as payment (value)
    where
        states.payments is not null
        and {{ json_string('payment.value', 'status') }} = 'paid'
        and {{ paid_by_stripe('payment.value') }}
        and (
            {{ is_touched_invoice }}
            or {{ in_touched_parts(json_id('payment.value', 'payment.charge')) }}
            or {{ json_id('payment.value', 'payment.payment_intent') }} in (
                select all_charges.payment_intent_id
                from all_charges
            )
        )
),

{# Earlier versions name the payment intent by which an invoice is to be paid. #}
invoices_of_intents as (
    select distinct
        states.payment_intent_id,
        states.invoice_id
    from {{ ref('stg_stripe__invoice_states') }} as states
    where
        states.payment_intent_id is not null
        and (
            {{ of_touched_parts('states.invoice_id') }}
            or {{ is_among(
                'states.payment_intent_id',
                'select all_charges.payment_intent_id from all_charges'
            ) }}
        )
),

{# The state that names the invoice need not be the one that succeeded: later API versions do not name it. #}
invoices_charged as (
    select states.invoice_id
    from {{ ref('stg_stripe__charge_states') }} as states
    where
        states.invoice_id is not null
        and {{ is_touched_invoice }}
        and exists (
            select 1
            from {{ ref('stg_stripe__charge_states') }} as succeeded
            where
                states.charge_id = succeeded.charge_id
                and succeeded.status = 'succeeded'
        )
    union
    select invoices_of_intents.invoice_id
    from invoices_of_intents
    inner join {{ ref('stg_stripe__charge_states') }} as states
        on invoices_of_intents.payment_intent_id = states.payment_intent_id
    where states.status = 'succeeded'
    union
    select invoice_id
    from invoice_payments
),

{# An invoice names the charge that was tried last. #}
charges_failed as (
    select states.charge_id
    from {{ ref('stg_stripe__charge_states') }} as states
    where
        states.invoice_id is not null
        and states.status = 'failed'
        and {{ is_touched_invoice }}
    group by states.charge_id
),

invoices_paid as (
    select
        states.invoice_id,
        coalesce(bool_or(states.is_paid_out_of_band), false) as is_out_of_band,
        bool_or(
            states.status = 'paid'
            and states.charge_id is not null
            and charges_failed.charge_id is null
        ) as is_charged
    from {{ ref('stg_stripe__invoice_states') }} as states
    left join charges_failed on states.charge_id = charges_failed.charge_id
    where {{ is_touched_invoice }}
    group by states.invoice_id
    having bool_or(states.status = 'paid' and states.amount_due_minor > 0)
),

{# Nearly every invoice was charged; the last state is looked for only of those that may not have been. #}
invoices_in_question as (
    select
        invoices_paid.invoice_id,
        invoices_paid.is_out_of_band
    from invoices_paid
    left join invoices_charged
        on invoices_paid.invoice_id = invoices_charged.invoice_id
    where
        invoices_paid.is_out_of_band
        or (not invoices_paid.is_charged and invoices_charged.invoice_id is null)
),

{# A later event may be of a version that does not tell when the invoice was paid. #}
invoice_states as materialized (
    select
        states.*,
        invoices_in_question.is_out_of_band,
        min(
            case
                when states.status = 'paid'
                    then coalesce(states.paid_at, states.occurred_at)
            end
        ) over (partition by states.invoice_id) as first_paid_at
    from {{ ref('stg_stripe__invoice_states') }} as states
    inner join invoices_in_question
        on states.invoice_id = invoices_in_question.invoice_id
),

invoices as (
    select distinct on (states.invoice_id)
        states.invoice_id,
        states.stripe_customer_id,
        states.status,
        states.currency,
        states.amount_due_minor,
        states.is_out_of_band,
        states.is_paid_out_of_band,
        states.first_paid_at as paid_at
    from invoice_states as states
    left join {{ ref('stg_stripe__tie_positions') }} as ties
        on states.event_id = ties.event_id
    order by states.invoice_id, {{ in_order('states', 'desc') }}
),

refunds as (
    select
        refund_id,
        charge_id,
        currency,
        amount_minor,
        refunded_at
    from {{ ref('int_refunds_united') }}
),

disputes as (
    select
        dispute_id,
        charge_id,
        status,
        currency,
        amount_minor,
        opened_at,
        closed_at
    from {{ ref('int_disputes_united') }}
),

payouts as (
    select
        payout_id,
        currency,
        amount_minor,
        coalesce(created_at, occurred_at) as paid_out_at
    from {{ latest_states('stg_stripe__payout_states') }} as latest
    where status not in ('failed', 'canceled')
),

customers as (
    select
        stripe_customer_id,
        account_id
    from {{ ref('stripe_customers') }}
),

methods as (
    select payment_method_id
    from {{ ref('payment_methods') }}
),

currencies as (
    select
        currency,
        decimal_places
    from {{ ref('currencies') }}
),

{#
    Which invoice a charge pays: any state of either may say so, as later API versions do not, or a payment does; by charge
    or by payment intent.
#}
invoices_by_charge as (
    select
        charge_id,
        min(invoice_id) as invoice_id
    from (
        select
            states.charge_id,
            states.invoice_id
        from {{ ref('stg_stripe__charge_states') }} as states
        where states.invoice_id is not null and {{ is_touched_charge }}
        union all
        select
            states.charge_id,
            states.invoice_id
        from {{ ref('stg_stripe__invoice_states') }} as states
        where states.charge_id is not null and {{ is_touched_charge }}
        union all
        select
            charge_id,
            invoice_id
        from invoice_payments
    ) as told
    group by charge_id
),

invoices_by_intent as (
    select
        payment_intent_id,
        min(invoice_id) as invoice_id
    from (
        select
            payment_intent_id,
            invoice_id
        from invoice_payments
        union all
        select
            payment_intent_id,
            invoice_id
        from invoices_of_intents
    ) as told
    group by payment_intent_id
),

movements as (
    select
        charges.charge_id as transaction_id,
        'charge' as transaction_type,
        charges.stripe_customer_id,
        charges.charge_id,
        coalesce(invoices_by_charge.invoice_id, invoices_by_intent.invoice_id)
            as invoice_id,
        charges.payment_method_id,
        charges.currency,
        captures.amount_captured_minor as amount_minor,
        1 as direction,
        charges.charged_at as transaction_at
    from all_charges as charges
    inner join captures on charges.charge_id = captures.charge_id
    left join invoices_by_charge on charges.charge_id = invoices_by_charge.charge_id
    left join invoices_by_intent
        on charges.payment_intent_id = invoices_by_intent.payment_intent_id
    where charges.status = 'succeeded' and captures.amount_captured_minor > 0

    union all

    select
        invoices.invoice_id as transaction_id,
        'out_of_band_payment' as transaction_type,
        invoices.stripe_customer_id,
        null as charge_id,
        invoices.invoice_id,
        null as payment_method_id,
        invoices.currency,
        invoices.amount_due_minor as amount_minor,
        1 as direction,
        invoices.paid_at as transaction_at
    from invoices
    where
        invoices.status = 'paid'
        and invoices.amount_due_minor > 0
        and (invoices.is_out_of_band or invoices.is_paid_out_of_band is null)

    union all

    select
        refunds.refund_id as transaction_id,
        'refund' as transaction_type,
        all_charges.stripe_customer_id,
        refunds.charge_id,
        null as invoice_id,
        all_charges.payment_method_id,
        refunds.currency,
        refunds.amount_minor,
        -1 as direction,
        refunds.refunded_at as transaction_at
    from refunds
    left join all_charges on refunds.charge_id = all_charges.charge_id

    union all

    select
        disputes.dispute_id as transaction_id,
        'dispute' as transaction_type,
        all_charges.stripe_customer_id,
        disputes.charge_id,
        null as invoice_id,
        all_charges.payment_method_id,
        disputes.currency,
        disputes.amount_minor,
        -1 as direction,
        disputes.opened_at as transaction_at
    from disputes
    left join all_charges on disputes.charge_id = all_charges.charge_id

    union all

    select
        disputes.dispute_id || ':' || disputes.status as transaction_id,
        'dispute_' || disputes.status as transaction_type,
        all_charges.stripe_customer_id,
        disputes.charge_id,
        null as invoice_id,
        all_charges.payment_method_id,
        disputes.currency,
        disputes.amount_minor,
        case disputes.status when 'won' then 1 else 0 end as direction,
        disputes.closed_at as transaction_at
    from disputes
    left join all_charges on disputes.charge_id = all_charges.charge_id
    where disputes.closed_at is not null

    union all

    select
        payout_id as transaction_id,
        'payout' as transaction_type,
        null as stripe_customer_id,
        null as charge_id,
        null as invoice_id,
        null as payment_method_id,
        currency,
        amount_minor,
        0 as direction,
        paid_out_at as transaction_at
    from payouts
),

final as (
    select
        movements.transaction_id,
        movements.transaction_type,
        customers.account_id,
        movements.stripe_customer_id,
        movements.charge_id,
        movements.invoice_id,
        methods.payment_method_id,
        {{ amount }}::numeric(20, 4) as amount,
        (movements.direction * {{ amount }})::numeric(20, 4) as net_amount,
        movements.currency,
        movements.transaction_at
    from movements
    left join customers on movements.stripe_customer_id = customers.stripe_customer_id
    left join methods on movements.payment_method_id = methods.payment_method_id
    left join currencies on movements.currency = currencies.currency
    where
        movements.amount_minor is not null
        and movements.currency is not null
        and {{ in_touched_parts(
            'coalesce(movements.charge_id, movements.transaction_id)'
        ) }}
)

select * from final

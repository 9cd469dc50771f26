{#
    Accounting's two lists for the month that comes, cards to be charged and invoices to be sent, each with its sum.
    Run it: dogdb ask expected_charges_next_month
#}

with

expected as (
    select
        method,
        currency,
        month,
        account_id,
        email,
        plan,
        amount,
        expected_on,
        card_brand,
        card_last4,
        card_expires_on
    from {{ ref('expected_charges') }}
),

lists as (
    select
        method,
        case when grouping(account_id) = 1 then 'sum' else 'account' end as line,
        account_id,
        email,
        plan,
        sum(amount) as amount,
        currency,
        month,
        expected_on,
        card_brand,
        card_last4,
        card_expires_on
    from expected
    group by grouping sets (
        (
            method,
            currency,
            month,
            account_id,
            email,
            plan,
            expected_on,
            card_brand,
            card_last4,
            card_expires_on
        ),
        (method, currency, month)
    )
)

select * from lists
order by method, currency, line, expected_on, account_id

{#
    The channel through which an account came: that of its owner's first installation, if that was before the account
    existed or before it first paid. A later one brought nobody.
#}

with

accounts as (
    select
        account_id,
        created_at
    from {{ ref('customer_accounts') }}
),

payments as (
    select
        account_id,
        min(transaction_at) as first_paid_at
    from {{ ref('transactions') }}
    where
        transaction_type in ('charge', 'out_of_band_payment')
        and transaction_at <= {{ now_at() }}
    group by account_id
),

first_installs as (
    select
        user_id,
        installed_at,
        channel_name
    from {{ ref('installs') }}
    where install_number = 1
),

final as (
    select
        accounts.account_id,
        coalesce(first_installs.channel_name, 'unknown') as channel,
        coalesce(accounts.created_at, payments.first_paid_at) as acquired_at,
        payments.first_paid_at is not null as has_paid
    from accounts
    left join payments on accounts.account_id = payments.account_id
    left join first_installs
        on
            accounts.account_id::text = first_installs.user_id
            and (
                accounts.created_at >= first_installs.installed_at
                or payments.first_paid_at >= first_installs.installed_at
            )
)

select * from final

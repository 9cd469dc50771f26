{#
    What a channel cost in a month, whom it brought, and when they had paid it back: the month from which on their cash
    never falls below what was spent, so that a refund may take it back.
#}

with

months as (
    select month
    from {{ ref('util_months') }}
),

last_month as (
    select max(month) as month
    from months
),

rates as (
    select
        currency,
        month,
        rate_to_usd
    from {{ ref('exchange_rates') }}
),

spend as (
    select
        coalesce(channels.channel_name, 'unknown') as channel,
        {{ utc_month(utc_start('ad_spend.spend_date')) }} as month,
        ad_spend.currency,
        sum(ad_spend.amount) as amount
    from {{ ref('stg_installs__ad_spend') }} as ad_spend
    left join {{ ref('stg_installs__channels') }} as channels
        on ad_spend.channel_sk = channels.channel_sk and channels.is_current
    where ad_spend.is_current
    group by
        coalesce(channels.channel_name, 'unknown'),
        {{ utc_month(utc_start('ad_spend.spend_date')) }},
        ad_spend.currency
),

spend_usd as (
    select
        spend.channel,
        spend.month,
        coalesce(sum(round(spend.amount * rates.rate_to_usd, 10)), 0) as spend_usd,
        bool_or(rates.rate_to_usd is null) as has_unconverted
    from spend
    cross join last_month
    left join rates
        on
            spend.currency = rates.currency
            and spend.month = rates.month
    where spend.month <= last_month.month
    group by spend.channel, spend.month
),

installs as (
    select
        coalesce(channel_name, 'unknown') as channel,
        {{ utc_month('installed_at') }} as month,
        count(*) as installs
    from {{ ref('installs') }}
    group by coalesce(channel_name, 'unknown'), {{ utc_month('installed_at') }}
),

accounts as (
    select
        account_id,
        channel,
        {{ utc_month('acquired_at') }} as month,
        has_paid
    from {{ ref('int_account_channels') }}
    where acquired_at is not null
),

acquired as (
    select
        channel,
        month,
        count(*) as acquired_accounts,
        count(*) filter (where has_paid) as paying_accounts
    from accounts
    group by channel, month
),

{# A payment before the account existed belongs to its first month. #}
cash as (
    select
        accounts.channel,
        accounts.month,
        greatest(
            {{ utc_month('transactions.transaction_at') }}, accounts.month
        ) as cash_month,
        sum(coalesce(round(transactions.net_amount * rates.rate_to_usd, 10), 0))
            as net_usd,
        bool_or(rates.rate_to_usd is null and transactions.net_amount <> 0)
            as has_unconverted
    from {{ ref('transactions') }} as transactions
    inner join accounts on transactions.account_id = accounts.account_id
    inner join months
        on {{ utc_month('transactions.transaction_at') }} = months.month
    left join rates
        on
            transactions.currency = rates.currency
            and months.month = rates.month
    where transactions.transaction_at <= {{ now_at() }}
    group by
        accounts.channel,
        accounts.month,
        greatest({{ utc_month('transactions.transaction_at') }}, accounts.month)
),

cohorts as (
    select
        channel,
        month
    from spend_usd
    union
    select
        channel,
        month
    from installs
    union
    select
        channel,
        month
    from acquired
),

cumulated as (
    select
        cohorts.channel,
        cohorts.month,
        months.month as cash_month,
        coalesce(spend_usd.spend_usd, 0) as spend_usd,
        coalesce(spend_usd.has_unconverted, false) as has_unconverted_spend,
        coalesce(cash.has_unconverted, false) as has_unconverted_cash,
        coalesce(cash.net_usd, 0) as net_usd,
        sum(coalesce(cash.net_usd, 0)) over (
            partition by cohorts.channel, cohorts.month
            order by months.month
        ) as net_so_far_usd
    from cohorts
    left join months on cohorts.month <= months.month
    left join spend_usd
        on
            cohorts.channel = spend_usd.channel
            and cohorts.month = spend_usd.month
    left join cash
        on
            cohorts.channel = cash.channel
            and cohorts.month = cash.month
            and months.month = cash.cash_month
),

paid_back as (
    select
        channel,
        month,
        max(spend_usd) as spend_usd,
        sum(net_usd) as net_cash_usd,
        bool_or(has_unconverted_spend) as has_unconverted_spend,
        bool_or(has_unconverted_spend or has_unconverted_cash) as has_unconverted,
        max(cash_month) as last_cash_month,
        max(cash_month) filter (where net_so_far_usd < spend_usd) as last_short_month
    from cumulated
    group by channel, month
),

final as (
    select
        paid_back.channel,
        paid_back.month as cohort_month,
        paid_back.spend_usd::numeric(28, 10) as spend_usd,
        coalesce(installs.installs, 0) as installs,
        coalesce(acquired.acquired_accounts, 0) as acquired_accounts,
        coalesce(acquired.paying_accounts, 0) as paying_accounts,
        case
            when not paid_back.has_unconverted_spend
                then {{ ratio('paid_back.spend_usd', 'acquired.paying_accounts') }}
        end as cac_usd,
        paid_back.net_cash_usd::numeric(28, 10) as net_cash_usd,
        case
            when paid_back.spend_usd <= 0 or paid_back.has_unconverted then null
            when paid_back.last_short_month is null then 0
            when paid_back.last_short_month < paid_back.last_cash_month
                then
                    {{ months_between(
                        'paid_back.month', 'paid_back.last_short_month'
                    ) }} + 1
        end as payback_months,
        paid_back.has_unconverted
    from paid_back
    left join installs
        on
            paid_back.channel = installs.channel
            and paid_back.month = installs.month
    left join acquired
        on
            paid_back.channel = acquired.channel
            and paid_back.month = acquired.month
)

select * from final

{# The unbroken runs of months in which an account pays; who comes back begins another one. #}

with

last_month as (
    select max(month) as month
    from {{ ref('util_months') }}
),

paying as (
    select distinct
        account_id,
        month
    from {{ ref('account_months') }}
    where mrr > 0
),

numbered as (
    select
        account_id,
        month,
        {{ month_run('month', 'account_id') }} as run
    from paying
),

runs as (
    select
        account_id,
        max(month) as last_month,
        count(*) as paying_months
    from numbered
    group by account_id, run
),

final as (
    select
        runs.account_id,
        runs.last_month,
        runs.paying_months,
        runs.last_month = last_month.month as is_running
    from runs
    cross join last_month
)

select * from final

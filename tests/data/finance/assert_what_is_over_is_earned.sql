{# An account whose every line's last day is over has nothing deferred, to the last digit. #}

with

accounts as (
    select
        account_id,
        currency
    from {{ ref('revenue_lines') }}
    where account_id is not null
    group by account_id, currency
    having max(last_date) <= {{ utc_date(now_at()) }}
),

last_month as (
    select max(month) as month
    from {{ ref('util_months') }}
)

select
    months.account_id,
    months.currency,
    months.deferred_closing
from {{ ref('account_revenue_months') }} as months
inner join accounts
    on
        months.account_id = accounts.account_id
        and months.currency = accounts.currency
inner join last_month on months.month = last_month.month
where months.deferred_closing <> 0

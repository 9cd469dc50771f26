{# Who paid in a month stays in the next one or churns there. #}

with

neighbours as (
    select
        month,
        active_accounts,
        retained_accounts,
        churned_accounts,
        lag(active_accounts, 1, 0::bigint) over (order by month) as previous_accounts
    from {{ ref('activity_months') }}
)

select *
from neighbours
where previous_accounts <> retained_accounts + churned_accounts

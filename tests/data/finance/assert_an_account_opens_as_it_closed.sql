{# Each account's months follow each other; it is new once, and after churn it has nothing until it returns. #}

with

months as (
    select
        account_id,
        currency,
        month,
        movement_type,
        opening,
        opening_usd,
        mrr,
        case
            when
                lag(month) over earlier = {{ add_months('month', -1) }}
                then lag(mrr) over earlier
            else 0
        end as closed_before,
        case
            when
                lag(month) over earlier = {{ add_months('month', -1) }}
                then lag(mrr_usd) over earlier
            else 0
        end as closed_before_usd
    from {{ ref('account_months') }}
    window earlier as (partition by account_id, currency order by month)
)

select
    account_id,
    'opens with another amount than it closed' as problem
from months
where
    opening <> closed_before
    or (opening > 0 and opening_usd is distinct from closed_before_usd)
union all
select
    account_id,
    'is new in other than one month' as problem
from months
group by account_id
having count(distinct month) filter (where movement_type = 'new') <> 1

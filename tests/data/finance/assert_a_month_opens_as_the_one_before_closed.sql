{# Money and accounts; the first month opens with nothing. #}

select *
from (
    select
        month,
        currency,
        opening,
        opening_accounts,
        opening_accounts + new_accounts + reactivated_accounts - churned_accounts
            as accounts_by_movements,
        closing_accounts,
        lag(closing, 1, 0::numeric) over earlier as closed_before
    from {{ ref('mrr_months') }}
    window earlier as (partition by currency order by month)
) as months
where
    opening <> closed_before
    or (currency = 'all' and accounts_by_movements <> closing_accounts)

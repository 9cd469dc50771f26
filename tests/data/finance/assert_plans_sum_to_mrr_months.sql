{# By plan it is the same money; what one plan lost to another the other has. Amounts are rounded by plan. #}

with

plans as (
    select
        month,
        sum(closing_usd) as closing,
        sum(new_usd) as new,
        sum(churn_usd) as churn,
        sum(reactivation_usd) as reactivation,
        sum(expansion_usd + contraction_usd) as change,
        sum(transferred_in_usd + transferred_out_usd) as transferred,
        sum(fx_usd) as fx
    from {{ ref('plan_mrr_months') }}
    group by month
)

select plans.*
from plans
inner join {{ ref('mrr_months') }} as totals
    on plans.month = totals.month and totals.currency = 'all'
where
    greatest(
        abs(plans.closing - totals.closing),
        abs(plans.new - totals.new),
        abs(plans.churn - totals.churn),
        abs(plans.reactivation - totals.reactivation),
        abs(plans.change - totals.expansion - totals.contraction),
        abs(plans.transferred),
        abs(plans.fx - totals.fx)
    ) > 0.0001

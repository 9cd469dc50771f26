{#
    How many of the months of the horizon an account of a certain age is expected to pay: the sum of its chances to be
    there in each. Beyond the greatest age seen the estimate goes on with the average churn so far; the lower bound takes
    it that everybody leaves there, the upper one that nobody does. Greenwood's variance of a restricted mean.
#}

{% set horizon = var('lifetime_horizon_months') | int -%}

with

ages as (
    select
        age_months,
        at_risk,
        churned,
        survival,
        churned::numeric / nullif(at_risk * (at_risk - churned), 0) as relative_variance
    from {{ ref('survival_months') }}
),

bounds as (
    select
        max(age_months) as last_age_months,
        min(survival) as last_survival,
        1 - sum(churned) / nullif(sum(at_risk) filter (where age_months > 0), 0)
            as usual_stay
    from ages
),

{# The survival curve, and what is taken for it where nobody is old enough. #}
curve as (
    select
        age_months,
        survival as likely,
        survival as low,
        survival as high,
        coalesce(relative_variance, 0) as relative_variance
    from ages
    union all
    select
        bounds.last_age_months + later.months as age_months,
        round(bounds.last_survival * power(bounds.usual_stay, later.months), 20)
            as likely,
        0 as low,
        bounds.last_survival as high,
        0 as relative_variance
    from bounds
    cross join {{ whole_numbers('1', horizon) }} as later (months)
),

{# For each age, the months to come, and what each and all after it would add. #}
months_ahead as (
    select
        ages.age_months,
        curve.age_months <= bounds.last_age_months as is_seen,
        curve.likely / ages.survival as likely,
        curve.low / ages.survival as low,
        curve.high / ages.survival as high,
        curve.relative_variance,
        sum(curve.low / ages.survival) over later as low_from_here,
        sum(curve.high / ages.survival) over later as high_from_here
    from ages
    cross join bounds
    inner join curve
        on
            ages.age_months < curve.age_months
            and ages.age_months + {{ horizon }} >= curve.age_months
    where ages.survival > 0
    window later as (partition by ages.age_months order by curve.age_months desc)
),

final as (
    select
        age_months,
        {{ horizon }} as horizon_months,
        (count(*) filter (where is_seen))::integer as observed_months,
        sum(likely)::numeric(28, 10) as expected_months,
        greatest(
            sum(low) - 1.96 * sqrt(sum(relative_variance * low_from_here ^ 2)),
            0
        )::numeric(28, 10) as lower_months,
        least(
            sum(high) + 1.96 * sqrt(sum(relative_variance * high_from_here ^ 2)),
            {{ horizon }}
        )::numeric(28, 10) as upper_months
    from months_ahead
    group by age_months
)

select * from final

{#
    Kaplan and Meier's estimate. At the age of n months a run that had n paying months is seen to end; one that has n
    paying months and still runs was last seen at the age of n − 1, so it was never at risk of ending at n.
#}

with recursive

spells as (
    select
        paying_months,
        is_running
    from {{ ref('int_paying_spells') }}
),

seen as (
    select
        case when is_running then paying_months - 1 else paying_months end
            as age_months,
        count(*) filter (where not is_running) as churned,
        count(*) filter (where is_running) as censored
    from spells
    group by case when is_running then paying_months - 1 else paying_months end
),

oldest as (
    select max(age_months)::integer as age_months
    from seen
),

counted as (
    select
        ages.age_months,
        coalesce(seen.churned, 0) as churned,
        coalesce(seen.censored, 0) as censored,
        sum(coalesce(seen.churned, 0) + coalesce(seen.censored, 0)) over (
            order by ages.age_months desc
        ) as at_risk
    from oldest
    cross join
        lateral {{ whole_numbers('0', 'oldest.age_months') }} as ages (age_months)
    left join seen on ages.age_months = seen.age_months
),

{# Who was there at one age and stayed, from age to age. #}
survived as (
    select
        age_months,
        1::numeric as survival,
        0::numeric as relative_variance
    from counted
    where age_months = 0
    union all
    select
        counted.age_months,
        round(
            survived.survival * (counted.at_risk - counted.churned) / counted.at_risk,
            20
        ) as survival,
        survived.relative_variance
        + counted.churned
        / nullif(counted.at_risk * (counted.at_risk - counted.churned), 0)
            as relative_variance
    from survived
    inner join counted on survived.age_months + 1 = counted.age_months
),

measured as (
    select
        counted.age_months,
        counted.at_risk,
        counted.churned,
        counted.censored,
        survived.survival,
        survived.survival * sqrt(survived.relative_variance) as standard_error
    from counted
    inner join survived on counted.age_months = survived.age_months
),

final as (
    select
        age_months,
        at_risk::bigint as at_risk,
        churned,
        censored,
        {{ ratio('churned', 'at_risk') }} as churn_rate,
        survival::numeric(28, 10) as survival,
        standard_error::numeric(28, 10) as standard_error,
        case
            when standard_error is not null
                then greatest(survival - 1.96 * standard_error, 0)
        end::numeric(28, 10) as survival_lower,
        case
            when standard_error is not null
                then least(survival + 1.96 * standard_error, 1)
        end::numeric(28, 10) as survival_upper
    from measured
)

select * from final

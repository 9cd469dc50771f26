{#
    The cells of cohorts: every cohort and every month since, also where nobody is left. Of the CTEs `months` and `sums`, the
    latter with a row for each cohort (`cohort_month` and the columns of `by`) and month in which it has any account.
#}
{% macro cohort_cells(by=[]) -%}
    select
        {% for name in by -%}
        cohorts.{{ name }},
        {% endfor -%}
        cohorts.cohort_month,
        {{ months_between('cohorts.cohort_month', 'months.month') }} as month_offset,
        months.month,
        cohorts.active_accounts as cohort_accounts,
        coalesce(sums.active_accounts, 0) as active_accounts,
        {{ ratio('coalesce(sums.active_accounts, 0)', 'cohorts.active_accounts') }} as logo_retention,
        cohorts.mrr_usd::numeric(28, 10) as cohort_mrr_usd,
        coalesce(sums.mrr_usd, 0)::numeric(28, 10) as mrr_usd,
        case
            when greatest(sums.unconverted_accounts, cohorts.unconverted_accounts) = 0
                then {{ ratio('coalesce(sums.mrr_usd, 0)', 'cohorts.mrr_usd') }}
        end as revenue_retention,
        greatest(sums.unconverted_accounts, cohorts.unconverted_accounts) as unconverted_accounts
    from sums as cohorts
    inner join months on cohorts.cohort_month <= months.month
    left join sums
        on
            {% for name in by -%}
            cohorts.{{ name }} = sums.{{ name }} and
            {% endfor -%}
            cohorts.cohort_month = sums.cohort_month
            and months.month = sums.month
    where cohorts.month = cohorts.cohort_month
{%- endmacro %}

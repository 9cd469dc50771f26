{#
    Why do two policies differ? Every account and month in which MRR, its movement or who is a customer is another under
    one policy than under the other, and what of its subscriptions is the reason. The tables hold what both need; nothing
    has to be built again. Run it: dogdb ask policies_compared --vars '{policies: [stripe, chartmogul]}'
#}

{% set policies = var('policies', ['stripe', 'chartmogul']) -%}
{% if policies is string or policies | length != 2 -%}
{{ exceptions.raise_compiler_error('var policies is ' ~ policies ~ '; it names two') }}
{% endif -%}
{% set sides = {'one': policies[0], 'other': policies[1]} -%}
{% set ends = [policy('churn_at', policies[0]), policy('churn_at', policies[1])] -%}

with

months as (
    select
        month,
        ends_at
    from {{ ref('util_months') }}
),

counted as (
    select
        months.month,
        periods.account_id,
        coalesce(periods.currency, 'unknown') as currency,
        {% for side, preset in sides.items() -%}
        {{ policy_mrr(preset, 'periods') }} as mrr_{{ side }},
        {{ policy_counts(preset, 'periods') }} as is_counted_{{ side }},
        {% endfor -%}
        periods.status,
        periods.is_ending
    from months
    inner join {{ ref('subscription_periods') }} as periods
        on
            months.ends_at > periods.starts_at
            and (periods.ends_at is null or months.ends_at <= periods.ends_at)
    where
        periods.account_id is not null
        and periods.status in (
            {{ texts(
                policy('counted_statuses', sides['one'])
                + policy('counted_statuses', sides['other'])
            ) }}
        )
),

reasons as (
    select
        *,
        case
            when round(mrr_one - mrr_other, 10) = 0 then null
            {%- if ends[0] != ends[1] %}
            when is_ending then 'its end was decided'
            {%- endif %}
            when is_counted_one <> is_counted_other
                then 'status ' || status || ' counts under one only'
            else 'discounts that count under one only'
        end as reason
    from counted
),

held as (
    select
        account_id,
        month,
        currency,
        {% for side, preset in sides.items() -%}
        round(sum(mrr_{{ side }}), 10) as mrr_{{ side }},
        {% if policy('free_is_churn', preset) -%}
        bool_or(mrr_{{ side }} > 0) as is_held_{{ side }},
        {% else -%}
        bool_or(is_counted_{{ side }}) as is_held_{{ side }},
        {% endif -%}
        {% endfor -%}
        string_agg(distinct reason, '; ') as reasons
    from reasons
    group by account_id, month, currency
),

{# After the last month of a run comes one in which there is nothing any more. #}
with_ends as (
    select *
    from held
    union all
    select
        held.account_id,
        months.month,
        held.currency,
        0 as mrr_one,
        false as is_held_one,
        0 as mrr_other,
        false as is_held_other,
        null as reasons
    from held
    inner join months on {{ next_month('held.month') }} = months.month
    left join held as later
        on
            held.account_id = later.account_id
            and held.currency = later.currency
            and months.month = later.month
    where later.month is null
),

compared as (
    select
        {% for side in sides -%}
        case
            when lag(month) over history = {{ add_months('month', -1) }}
                then mrr_{{ side }} - lag(mrr_{{ side }}) over history
            else mrr_{{ side }}
        end as movement_{{ side }},
        bool_or(is_held_{{ side }}) over of_account as is_held_anyhow_{{ side }},
        bool_or(mrr_{{ side }} > 0) over of_account as is_paying_{{ side }},
        {% endfor -%}
        *
    from with_ends
    window
        history as (partition by account_id, currency order by month),
        of_account as (partition by account_id, month)
),

runs as (
    select
        {% for side in sides -%}
        {{ month_run('month', 'account_id, is_held_anyhow_' ~ side) }}
            as run_{{ side }},
        {% endfor -%}
        *
    from compared
),

{# As in finance.account_months: from the first payment on that came after it last held nothing. #}
customers as (
    select
        {% for side in sides -%}
        is_held_anyhow_{{ side }} and bool_or(is_paying_{{ side }}) over (
            partition by account_id, is_held_anyhow_{{ side }}, run_{{ side }}
            order by month
        ) as is_customer_{{ side }},
        {% endfor -%}
        *
    from runs
)

select
    account_id,
    month,
    currency,
    {% for side, preset in sides.items() -%}
    {{ shortest('mrr_' ~ side) }} as mrr_{{ preset }},
    {% endfor -%}
    {{ shortest('mrr_other - mrr_one') }} as difference,
    {% for side, preset in sides.items() -%}
    {{ shortest('movement_' ~ side) }} as movement_{{ preset }},
    {% endfor -%}
    {% for side, preset in sides.items() -%}
    is_customer_{{ side }} as is_customer_{{ preset }},
    {% endfor -%}
    coalesce(
        reasons,
        case
            when movement_one <> movement_other then 'MRR of the month before differs'
        end,
        'a plan or discount that leaves nothing to pay'
    ) as reasons
from customers
where
    mrr_one <> mrr_other
    or movement_one <> movement_other
    or (is_customer_one <> is_customer_other and (is_held_one or is_held_other))
order by month, account_id, currency

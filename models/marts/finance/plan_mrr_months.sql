{#
    MRR from month to month by plan, in dollars. What an account moves from one plan to another is a transfer; only what
    is left of it is the account's expansion or contraction, on the plans that gained or lost. Rates leave transfers out.
#}

{{ config(
    part='month',
    pre_hook="{{ note_part() }}",
) }}

{% set movement_types = ['new', 'expansion', 'contraction', 'churn', 'reactivation'] -%}

with

months as (
    select month
    from {{ ref('util_months') }}
),

plans as (
    select
        account_id,
        currency,
        plan,
        month,
        sum(mrr) as mrr
    from {{ ref('int_subscription_months') }}
    where
        {{ of_touched_parts('month') }}
        or {{ of_touched_parts(next_month('month')) }}
        or {{ of_touched_parts(add_months('month', 12)) }}
    group by account_id, currency, plan, month
),

with_ends as (
    select
        account_id,
        currency,
        plan,
        month,
        mrr
    from plans
    union all
    select
        plans.account_id,
        plans.currency,
        plans.plan,
        {{ next_month('plans.month') }} as month,
        0 as mrr
    from plans
    left join plans as later
        on
            plans.account_id = later.account_id
            and plans.currency = later.currency
            and plans.plan = later.plan
            and {{ next_month('plans.month') }} = later.month
    where later.month is null and plans.month < {{ utc_month(now_at()) }}
),

compared as (
    select
        *,
        case
            when lag(month) over history = {{ add_months('month', -1) }}
                then lag(mrr) over history
            else 0
        end as opening
    from with_ends
    window history as (partition by account_id, currency, plan order by month)
),

account_months as (
    select
        account_id,
        currency,
        month,
        movement_type,
        rate_to_usd
    from {{ ref('account_months') }}
),

rates as (
    select
        currency,
        month,
        rate_to_usd
    from {{ ref('exchange_rates') }}
),

converted as (
    select
        compared.account_id,
        compared.month,
        compared.plan,
        account_months.movement_type,
        compared.opening > 0 as was_paying,
        compared.mrr > 0 as is_paying,
        compared.mrr > 0 and account_months.rate_to_usd is null as is_unconverted,
        coalesce(round(compared.opening * rates_before.rate_to_usd, 10), 0) as opening,
        coalesce(round(compared.opening * account_months.rate_to_usd, 10), 0)
            as opening_at_rate,
        coalesce(round(compared.mrr * account_months.rate_to_usd, 10), 0) as closing
    from compared
    inner join account_months
        on
            compared.account_id = account_months.account_id
            and compared.currency = account_months.currency
            and compared.month = account_months.month
    left join rates as rates_before
        on
            compared.currency = rates_before.currency
            and {{ add_months('compared.month', -1) }} = rates_before.month
),

weighed as (
    select
        *,
        closing - opening_at_rate as change,
        sum(greatest(closing - opening_at_rate, 0)) over same_account as gained,
        sum(greatest(opening_at_rate - closing, 0)) over same_account as lost
    from converted
    window same_account as (partition by account_id, month)
),

{# A plan's gain from an account is a transfer up to what the account's other plans lost, and a loss up to what they gained. #}
parted as (
    select
        *,
        case
            when movement_type in ('new', 'churn', 'reactivation') then 0
            when change > 0 then round(change * least(gained, lost) / gained, 10)
            when change < 0 then round(change * least(gained, lost) / lost, 10)
            else 0
        end as transfer
    from weighed
),

plan_names as (
    select distinct plan
    from {{ ref('int_subscription_months') }}
),

grid as (
    select
        plan_names.plan,
        months.month
    from months
    cross join plan_names
),

sums as (
    select
        grid.month,
        grid.plan,
        coalesce(sum(parted.opening), 0) as opening,
        {% for type in movement_types -%}
        coalesce(sum(parted.change - parted.transfer) filter (
            where case
                when parted.movement_type in ('new', 'churn', 'reactivation')
                    then parted.movement_type
                when parted.change > 0 then 'expansion'
                else 'contraction'
            end = '{{ type }}'
        ), 0) as {{ type }},
        {% endfor -%}
        coalesce(sum(parted.transfer) filter (where parted.transfer > 0), 0)
            as transferred_in,
        coalesce(sum(parted.transfer) filter (where parted.transfer < 0), 0)
            as transferred_out,
        coalesce(sum(parted.opening_at_rate - parted.opening), 0) as fx,
        coalesce(sum(parted.closing), 0) as closing,
        count(distinct parted.account_id) filter (where parted.was_paying)
            as opening_accounts,
        {% for type, state in [
            ('new', 'is_paying'), ('churn', 'was_paying'), ('reactivation', 'is_paying')
        ] -%}
        count(distinct parted.account_id) filter (
            where parted.movement_type = '{{ type }}' and parted.{{ state }}
        ) as {{ type }}_accounts,
        {% endfor -%}
        count(distinct parted.account_id) filter (where parted.is_paying)
            as closing_accounts,
        count(distinct parted.account_id) filter (where parted.is_unconverted)
            as unconverted_accounts
    from grid
    left join parted
        on
            grid.plan = parted.plan
            and grid.month = parted.month
    where {{ of_touched_parts('grid.month') }}
    group by grid.month, grid.plan
),

in_dollars as (
    select
        plans.account_id,
        plans.plan,
        plans.month,
        round(plans.mrr * rates.rate_to_usd, 10) as mrr
    from plans
    left join rates on plans.currency = rates.currency and plans.month = rates.month
    where plans.mrr > 0
),

{#
    What an account paid for the plan twelve months ago, and what it pays for it now. Put together, and not joined with
    itself: PostgreSQL would compare every one with every other where it expects few.
#}
account_years as (
    select
        account_id,
        plan,
        month,
        sum(mrr) filter (where is_then) as mrr_then,
        coalesce(sum(mrr) filter (where not is_then), 0) as mrr_now,
        bool_or(mrr is null) as is_unconverted
    from (
        select
            account_id,
            plan,
            {{ add_months('month', 12) }} as month,
            mrr,
            true as is_then
        from in_dollars
        union all
        select
            account_id,
            plan,
            month,
            mrr,
            false as is_then
        from in_dollars
    ) as ends
    group by account_id, plan, month
    having bool_or(is_then and mrr is not null)
),

years as (
    select
        plan,
        month,
        case when not bool_or(is_unconverted) then sum(mrr_then) end as mrr_then,
        sum(mrr_now) as mrr_now,
        sum(least(mrr_then, mrr_now)) as mrr_kept
    from account_years
    group by plan, month
),

final as (
    select
        sums.month,
        sums.plan,
        sums.opening::numeric(28, 10) as opening_usd,
        {% for type in movement_types -%}
        sums.{{ type }}::numeric(28, 10) as {{ type }}_usd,
        {% endfor -%}
        sums.transferred_in::numeric(28, 10) as transferred_in_usd,
        sums.transferred_out::numeric(28, 10) as transferred_out_usd,
        sums.fx::numeric(28, 10) as fx_usd,
        sums.closing::numeric(28, 10) as closing_usd,
        sums.opening_accounts,
        sums.new_accounts,
        sums.churn_accounts as churned_accounts,
        sums.reactivation_accounts as reactivated_accounts,
        sums.closing_accounts,
        sums.unconverted_accounts,
        {{ ratio('sums.opening + sums.contraction + sums.churn', 'sums.opening') }}
            as grr,
        {{ ratio(
            'sums.opening + sums.expansion + sums.contraction + sums.churn',
            'sums.opening'
        ) }} as nrr,
        {{ ratio('-sums.churn', 'sums.opening') }} as revenue_churn_rate,
        {{ ratio('sums.churn_accounts', 'sums.opening_accounts') }} as logo_churn_rate,
        {{ ratio(
            'sums.new + sums.expansion + sums.reactivation',
            '-(sums.contraction + sums.churn)'
        ) }} as quick_ratio,
        case
            when sums.unconverted_accounts = 0
                then {{ ratio('sums.closing', 'sums.closing_accounts') }}
        end as arpa_usd,
        (12 * sums.closing)::numeric(28, 10) as arr_usd,
        {{ ratio('years.mrr_kept', 'years.mrr_then') }} as grr_trailing_year,
        {{ ratio('years.mrr_now', 'years.mrr_then') }} as nrr_trailing_year
    from sums
    left join years on sums.plan = years.plan and sums.month = years.month
)

select * from final

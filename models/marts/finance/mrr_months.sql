{# MRR from month to month in each currency, and in dollars over all of them; every month has a row, also a quiet one. #}

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

account_months as (
    select
        account_id,
        currency,
        month,
        movement_type,
        opening,
        movement,
        mrr,
        opening_usd,
        movement_usd,
        fx_usd,
        mrr_usd,
        is_held,
        is_customer
    from {{ ref('account_months') }}
    where
        {{ of_touched_parts('month') }}
        or {{ of_touched_parts(next_month('month')) }}
        or {{ of_touched_parts(add_months('month', 12)) }}
),

in_dollars as (
    select
        account_id,
        month,
        case
            when bool_or(movement_type = 'new') then 'new'
            when bool_or(movement_type = 'churn') then 'churn'
            when bool_or(movement_type = 'reactivation') then 'reactivation'
            when sum(movement_usd) > 0 then 'expansion'
            when sum(movement_usd) < 0 then 'contraction'
        end as movement_type,
        sum(opening_usd) as opening,
        sum(movement_usd) as movement,
        sum(fx_usd) as fx,
        sum(mrr_usd) as mrr,
        bool_or(is_customer) as is_customer,
        bool_or(mrr > 0 and mrr_usd is null) as is_unconverted
    from account_months
    group by account_id, month
),

{# Each currency's own money, and everything once more in dollars: there an account is one, whatever it pays in. #}
measured as (
    select
        account_id,
        currency,
        month,
        movement_type,
        opening,
        movement,
        0 as fx,
        mrr,
        is_held and is_customer as is_customer,
        false as is_unconverted
    from account_months
    union all
    select
        account_id,
        'all' as currency,
        month,
        movement_type,
        opening,
        movement,
        fx,
        mrr,
        is_customer,
        is_unconverted
    from in_dollars
),

currencies as (
    select distinct currency
    from {{ ref('account_months') }}
    union all
    select 'all' as currency
),

grid as (
    select
        currencies.currency,
        months.month
    from months
    cross join currencies
),

sums as (
    select
        currency,
        month,
        sum(opening) as opening,
        {% for type in movement_types -%}
        sum(movement) filter (where movement_type = '{{ type }}') as {{ type }},
        {% endfor -%}
        sum(fx) as fx,
        sum(mrr) as closing,
        count(*) filter (where movement_type = 'new') as new_accounts,
        count(*) filter (where movement_type = 'churn') as churned_accounts,
        count(*) filter (where movement_type = 'reactivation') as reactivated_accounts,
        count(*) filter (where is_customer) as closing_accounts,
        count(*) filter (where is_unconverted) as unconverted_accounts
    from measured
    group by currency, month
),

{# What an account paid twelve months ago, and what it pays now. #}
years as (
    select
        earlier.currency,
        {{ add_months('earlier.month', 12) }} as month,
        sum(earlier.mrr) as mrr_then,
        sum(later.mrr) as mrr_now,
        sum(least(earlier.mrr, coalesce(later.mrr, 0))) as mrr_kept,
        bool_or(earlier.is_unconverted or coalesce(later.is_unconverted, false))
            as is_unconverted
    from measured as earlier
    left join measured as later
        on
            earlier.account_id = later.account_id
            and earlier.currency = later.currency
            and {{ add_months('earlier.month', 12) }} = later.month
    where earlier.mrr > 0
    group by earlier.currency, earlier.month
),

filled as (
    select
        grid.month,
        grid.currency,
        coalesce(sums.opening, 0) as opening,
        {% for type in movement_types -%}
        coalesce(sums.{{ type }}, 0) as {{ type }},
        {% endfor -%}
        coalesce(sums.fx, 0) as fx,
        coalesce(sums.closing, 0) as closing,
        lag(coalesce(sums.closing_accounts, 0), 1, 0::bigint) over (
            partition by grid.currency
            order by grid.month
        ) as opening_accounts,
        coalesce(sums.new_accounts, 0) as new_accounts,
        coalesce(sums.churned_accounts, 0) as churned_accounts,
        coalesce(sums.reactivated_accounts, 0) as reactivated_accounts,
        coalesce(sums.closing_accounts, 0) as closing_accounts,
        coalesce(sums.unconverted_accounts, 0) as unconverted_accounts,
        case when not years.is_unconverted then years.mrr_then end as mrr_then,
        coalesce(years.mrr_now, 0) as mrr_now,
        years.mrr_kept
    from grid
    left join sums on grid.currency = sums.currency and grid.month = sums.month
    left join years on grid.currency = years.currency and grid.month = years.month
),

final as (
    select
        month,
        currency,
        opening::numeric(28, 10) as opening,
        {% for type in movement_types -%}
        {{ type }}::numeric(28, 10) as {{ type }},
        {% endfor -%}
        fx::numeric(28, 10) as fx,
        closing::numeric(28, 10) as closing,
        opening_accounts,
        new_accounts,
        churned_accounts,
        reactivated_accounts,
        closing_accounts,
        unconverted_accounts,
        {{ ratio('opening + contraction + churn', 'opening') }} as grr,
        {{ ratio('opening + expansion + contraction + churn', 'opening') }} as nrr,
        {{ ratio('-churn', 'opening') }} as revenue_churn_rate,
        {{ ratio('churned_accounts', 'opening_accounts') }} as logo_churn_rate,
        {{ ratio('new + expansion + reactivation', '-(contraction + churn)') }}
            as quick_ratio,
        case
            when unconverted_accounts = 0
                then {{ ratio('closing', 'closing_accounts') }}
        end as arpa,
        (12 * closing)::numeric(28, 10) as arr,
        {{ ratio('mrr_kept', 'mrr_then') }} as grr_trailing_year,
        {{ ratio('mrr_now', 'mrr_then') }} as nrr_trailing_year
    from filled
    where {{ of_touched_parts('month') }}
)

select * from final

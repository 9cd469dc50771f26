{#
    Every account with an active developer licence, every month since it is known (all where nothing about it has a
    date), its interactions in each combination that occurs; a month without any is one row of 0.
#}

{{ config(
    part='account_id',
    pre_hook="{{ note_part() }}",
) }}

with

licenses as (
    select
        account_id,
        role,
        status,
        created_at
    from {{ ref('customer_licenses') }}
),

interactions as (
    select
        account_id,
        channel,
        category,
        service_rep_id,
        status,
        {{ utc_month('created_at') }} as month
    from {{ ref('customer_interactions') }}
),

accounts as (
    select
        account_id,
        created_at
    from {{ ref('customer_accounts') }}
),

representatives as (
    select
        service_rep_id,
        first_name
    from {{ ref('service_representatives') }}
),

months as (
    select month
    from {{ ref('util_months') }}
),

first_month as (
    select min(month) as month
    from months
),

counted as (
    select
        account_id,
        count(*) filter (
            where lower(trim(role)) = 'developer' and lower(trim(status)) = 'active'
        ) as active_developer_licenses
    from licenses
    group by account_id
),

developer_accounts as (
    select
        account_id,
        active_developer_licenses,
        dense_rank() over (order by active_developer_licenses desc) as license_rank
    from counted
    where active_developer_licenses > 0
),

first_known as (
    select
        account_id,
        min(month) as month
    from (
        select
            account_id,
            {{ utc_month('created_at') }} as month
        from accounts
        union all
        select
            account_id,
            {{ utc_month('created_at') }} as month
        from licenses
        union all
        select
            account_id,
            month
        from interactions
    ) as occasions
    group by account_id
),

account_months as (
    select
        developer_accounts.account_id,
        developer_accounts.active_developer_licenses,
        developer_accounts.license_rank,
        months.month
    from developer_accounts
    inner join first_known on developer_accounts.account_id = first_known.account_id
    cross join first_month
    inner join months
        on coalesce(first_known.month, first_month.month) <= months.month
    where {{ in_touched_parts('developer_accounts.account_id') }}
),

final as (
    select
        {{ dbt_utils.generate_surrogate_key([
            'account_months.account_id',
            'account_months.month',
            'interactions.channel',
            'interactions.category',
            'interactions.service_rep_id',
            'interactions.status',
        ]) }} as developer_account_interactions_key,
        account_months.account_id,
        account_months.active_developer_licenses,
        account_months.license_rank,
        account_months.month,
        interactions.channel,
        interactions.category,
        interactions.service_rep_id,
        representatives.first_name as representative,
        interactions.status,
        count(interactions.account_id) as interactions
    from account_months
    left join interactions
        on
            account_months.account_id = interactions.account_id
            and account_months.month = interactions.month
    left join representatives
        on interactions.service_rep_id = representatives.service_rep_id
    group by
        account_months.account_id,
        account_months.active_developer_licenses,
        account_months.license_rank,
        account_months.month,
        interactions.channel,
        interactions.category,
        interactions.service_rep_id,
        representatives.first_name,
        interactions.status
)

select * from final

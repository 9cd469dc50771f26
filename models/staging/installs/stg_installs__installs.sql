{# An installation reported twice under one id counts once: the report with the earliest time. #}

{{ config(materialized='table', post_hook='{{ analyze_whole() }}') }}

with

source as (
    select
        user_id,
        install_id,
        device_id,
        installed_at,
        client_sk,
        channel_sk,
        country_code,
        network_name,
        campaign_id,
        campaign_name,
        adgroup_id,
        adgroup_name,
        creative_id,
        creative_name,
        {{ record_text('raw_rows', without=['ip_address']) }} as original_record
    from {{ raw('user_first_install_fact') }} as raw_rows
),

typed as (
    select
        nullif(trim(install_id), '') as install_id,
        nullif(trim(user_id), '') as user_id,
        device_id,
        {{ to_utc('installed_at') }} as installed_at,
        {{ to_whole_number('client_sk') }} as client_sk,
        {{ to_whole_number('channel_sk') }} as channel_sk,
        country_code,
        network_name,
        campaign_id,
        campaign_name,
        adgroup_id,
        adgroup_name,
        creative_id,
        creative_name,
        installed_at as raw_installed_at,
        original_record
    from source
),

judged as (
    select
        *,
        case
            when install_id is null then 'install_id is missing'
            when length(install_id) > 255
                then 'install_id has more than 255 characters'
            when user_id is null then 'user_id is missing'
            when length(user_id) > 255 then 'user_id has more than 255 characters'
            when raw_installed_at is null then 'installed_at is missing'
            when installed_at is null then 'installed_at is no date'
        end as rejection_reason
    from typed
),

ranked as (
    select
        *,
        row_number() over earliest_first as place,
        first_value(original_record) over earliest_first as earliest_record
    from judged
    window earliest_first as (
        partition by install_id, rejection_reason is null
        order by installed_at asc, original_record
    )
),

final as (
    select
        install_id,
        user_id,
        device_id,
        installed_at,
        client_sk,
        channel_sk,
        country_code,
        network_name,
        campaign_id,
        campaign_name,
        adgroup_id,
        adgroup_name,
        creative_id,
        creative_name,
        rejection_reason is null and place = 1 as is_current,
        case
            when rejection_reason is not null then rejection_reason
            when original_record <> earliest_record
                then 'another row of this install_id is earlier'
        end as rejection_reason,
        coalesce(install_id, user_id) as record_key,
        original_record
    from ranked
)

select * from final

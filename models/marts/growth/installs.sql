with

installs as (
    select
        install_id,
        user_id,
        device_id,
        installed_at,
        client_sk,
        channel_sk,
        country_code,
        network_name,
        campaign_name,
        adgroup_name,
        creative_name
    from {{ ref('stg_installs__installs') }}
    where is_current
),

clients as (
    select
        client_sk,
        os_name,
        app_name,
        app_version,
        device_name
    from {{ ref('stg_installs__clients') }}
    where is_current
),

channels as (
    select
        channel_sk,
        channel_name,
        channel_group,
        channel_label
    from {{ ref('stg_installs__channels') }}
    where is_current
),

final as (
    select
        installs.install_id,
        installs.user_id,
        installs.device_id,
        installs.installed_at,
        {{ utc_date('installs.installed_at') }} as install_date,
        row_number() over (
            partition by installs.user_id
            order by installs.installed_at, installs.install_id
        ) as install_number,
        count(*) over (
            partition by installs.user_id, {{ utc_date('installs.installed_at') }}
        ) as installs_of_user_on_day,
        clients.os_name,
        clients.app_name,
        clients.app_version,
        clients.device_name,
        installs.channel_sk,
        channels.channel_name,
        channels.channel_group,
        channels.channel_label,
        installs.country_code,
        installs.network_name,
        installs.campaign_name,
        installs.adgroup_name,
        installs.creative_name
    from installs
    left join clients on installs.client_sk = clients.client_sk
    left join channels on installs.channel_sk = channels.channel_sk
)

select * from final

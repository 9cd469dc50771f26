{#
    Which five channels bring the most Android installs? Channels that tie share a rank, and none of them is cut.
    Run it: dogdb ask installs_top_android_channels
#}

with

channels as (
    select
        channel_name,
        count(*) as android_installs,
        dense_rank() over (order by count(*) desc) as channel_rank
    from {{ ref('installs') }}
    where lower(os_name) = 'android'
    group by channel_name
)

select
    channel_rank,
    channel_name,
    android_installs
from channels
where channel_rank <= 5
order by channel_rank, channel_name

with

source as (
    select
        channel_sk,
        channel_name,
        channel_group,
        channel_label
    from {{ raw('channel_dim') }} as raw_rows
),

final as (
    select distinct on (channel_sk)
        {{ to_whole_number('channel_sk') }} as channel_sk,
        channel_name,
        channel_group,
        channel_label
    from source
    where {{ to_whole_number('channel_sk') }} is not null
    order by channel_sk, channel_name, channel_group, channel_label
)

select * from final

{# Of several rows of one channel the first by name counts. #}

with

source as (
    select
        channel_sk,
        channel_name,
        channel_group,
        channel_label,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('channel_dim') }} as raw_rows
),

typed as (
    select
        {{ to_whole_number('channel_sk') }} as channel_sk,
        channel_name,
        channel_group,
        channel_label,
        channel_sk as raw_channel_sk,
        original_record
    from source
),

judged as (
    select
        *,
        case
            when channel_sk is null then 'channel_sk is missing or no whole number'
            when length(channel_name) > 255
                then 'channel_name has more than 255 characters'
        end as rejection_reason
    from typed
),

ranked as (
    select
        *,
        row_number() over best_first as place,
        first_value(original_record) over best_first as best_record
    from judged
    window best_first as (
        partition by channel_sk, rejection_reason is null
        order by channel_name, channel_group, channel_label, original_record
    )
),

final as (
    select
        channel_sk,
        channel_name,
        channel_group,
        channel_label,
        rejection_reason is null and place = 1 as is_current,
        case
            when rejection_reason is not null then rejection_reason
            when original_record <> best_record
                then 'another row describes this channel'
        end as rejection_reason,
        raw_channel_sk::text as record_key,
        original_record
    from ranked
)

select * from final

{# Of several rows of one build the one with the highest version counts. #}

with

source as (
    select
        client_sk,
        os_name,
        app_name,
        app_version,
        device_name,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('client_dim') }} as raw_rows
),

typed as (
    select
        {{ to_whole_number('client_sk') }} as client_sk,
        os_name,
        app_name,
        app_version,
        device_name,
        client_sk as raw_client_sk,
        original_record
    from source
),

judged as (
    select
        *,
        case
            when client_sk is null then 'client_sk is missing or no whole number'
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
        partition by client_sk, rejection_reason is null
        order by
            app_version desc nulls last,
            os_name,
            device_name,
            app_name,
            original_record
    )
),

final as (
    select
        client_sk,
        os_name,
        app_name,
        app_version,
        device_name,
        rejection_reason is null and place = 1 as is_current,
        case
            when rejection_reason is not null then rejection_reason
            when original_record <> best_record
                then 'another row describes this build'
        end as rejection_reason,
        raw_client_sk::text as record_key,
        original_record
    from ranked
)

select * from final

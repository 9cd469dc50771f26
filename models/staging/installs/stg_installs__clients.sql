with

source as (
    select
        client_sk,
        os_name,
        app_name,
        app_version,
        device_name
    from {{ raw('client_dim') }} as raw_rows
),

final as (
    select distinct on (client_sk)
        {{ to_whole_number('client_sk') }} as client_sk,
        os_name,
        app_name,
        app_version,
        device_name
    from source
    where {{ to_whole_number('client_sk') }} is not null
    order by client_sk, app_version desc nulls last, os_name, device_name, app_name
)

select * from final

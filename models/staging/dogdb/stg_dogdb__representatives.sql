{# Of several rows of one representative the one that began last counts. #}

with

source as (
    select
        id,
        email,
        first_name,
        last_name,
        start_date,
        end_date,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('service_representatives') }} as raw_rows
),

typed as (
    select
        {{ to_whole_number('id') }} as service_rep_id,
        email,
        nullif(trim(first_name), '') as first_name,
        nullif(trim(last_name), '') as last_name,
        {{ to_day('start_date') }} as start_date,
        {{ to_day('end_date') }} as end_date,
        id as raw_id,
        start_date as raw_start_date,
        end_date as raw_end_date,
        original_record
    from source
),

judged as (
    select
        *,
        case
            when service_rep_id is null then 'id is missing or no whole number'
            when start_date is null and raw_start_date is not null
                then 'start_date is no date'
            when end_date is null and raw_end_date is not null
                then 'end_date is no date'
        end as rejection_reason
    from typed
),

ranked as (
    select
        *,
        row_number() over newest_first as recency,
        first_value(original_record) over newest_first as newest_record
    from judged
    window newest_first as (
        partition by service_rep_id, rejection_reason is null
        order by start_date desc nulls last, end_date desc nulls first, original_record
    )
),

final as (
    select
        service_rep_id,
        email,
        first_name,
        last_name,
        start_date,
        end_date,
        rejection_reason is null and recency = 1 as is_current,
        case
            when rejection_reason is not null then rejection_reason
            when original_record <> newest_record
                then 'another row of this representative is newer'
        end as rejection_reason,
        raw_id::text as record_key,
        original_record
    from ranked
)

select * from final

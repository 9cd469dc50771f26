{#
    The application gives an interaction no key. The same account, channel, category and instant is the same
    interaction; of several states of it the completed one, then the one completed last, counts; where that
    decides nothing, always the same one, but any.
#}

with

source as (
    select
        account_id,
        channel,
        category,
        service_rep,
        status,
        created_at,
        completed_at,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('customer_interactions') }} as raw_rows
),

typed as (
    select
        {{ to_whole_number('account_id') }} as account_id,
        channel,
        category,
        nullif(trim(service_rep), '') as service_rep,
        status,
        {{ to_utc('created_at') }} as created_at,
        {{ to_utc('completed_at') }} as completed_at,
        account_id as raw_account_id,
        created_at as raw_created_at,
        completed_at as raw_completed_at,
        original_record
    from source
),

judged as (
    select
        *,
        {{ dbt_utils.generate_surrogate_key(
            ['account_id', 'channel', 'category', "created_at at time zone 'UTC'"]
        ) }} as interaction_id,
        case
            when account_id is null then 'account_id is missing or no whole number'
            when raw_created_at is null then 'created_at is missing'
            when created_at is null then 'created_at is no date'
            when completed_at is null and raw_completed_at is not null
                then 'completed_at is no date'
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
        partition by interaction_id, rejection_reason is null
        order by completed_at desc nulls last, original_record
    )
),

final as (
    select
        interaction_id,
        account_id,
        channel,
        category,
        service_rep,
        status,
        created_at,
        completed_at,
        rejection_reason is null and recency = 1 as is_current,
        case
            when rejection_reason is not null then rejection_reason
            when original_record <> newest_record
                then 'another row describes this interaction'
        end as rejection_reason,
        raw_account_id::text as record_key,
        original_record
    from ranked
)

select * from final

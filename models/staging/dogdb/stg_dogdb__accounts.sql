{# Of several rows of one account the newest counts. #}

with

source as (
    select
        account_id,
        email,
        current_tier,
        created_at,
        updated_at,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('customer_accounts') }} as raw_rows
),

typed as (
    select
        {{ to_whole_number('account_id') }} as account_id,
        email,
        trim(current_tier) as current_tier,
        {{ to_utc('created_at') }} as created_at,
        {{ to_utc('updated_at') }} as updated_at,
        account_id as raw_account_id,
        created_at as raw_created_at,
        updated_at as raw_updated_at,
        original_record
    from source
),

judged as (
    select
        *,
        case
            when account_id is null then 'account_id is missing or no whole number'
            when created_at is null and raw_created_at is not null
                then 'created_at is no date'
            when updated_at is null and raw_updated_at is not null
                then 'updated_at is no date'
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
        partition by account_id, rejection_reason is null
        order by
            coalesce(updated_at, created_at) desc nulls last,
            created_at desc nulls last,
            original_record
    )
),

final as (
    select
        account_id,
        {{ dbt_utils.generate_surrogate_key(['account_id']) }} as account_key,
        email,
        current_tier,
        created_at,
        updated_at,
        rejection_reason is null and recency = 1 as is_current,
        case
            when rejection_reason is not null then rejection_reason
            when original_record <> newest_record
                then 'another row of this account is newer'
        end as rejection_reason,
        raw_account_id::text as record_key,
        original_record
    from ranked
)

select * from final

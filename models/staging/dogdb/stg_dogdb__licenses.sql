{# A licence may be issued again under the same id; the newest issue is in force. #}

with

source as (
    select
        account_id,
        license_data,
        created_at,
        updated_at,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('customer_licenses') }} as raw_rows
),

{# Materialized, as each text is parsed once and asked often. #}
parsed as materialized (
    select
        {{ to_whole_number('account_id') }} as account_id,
        {{ json_from_text('license_data') }} as license,
        {{ to_utc('created_at') }} as created_at,
        {{ to_utc('updated_at') }} as updated_at,
        account_id as raw_account_id,
        created_at as raw_created_at,
        updated_at as raw_updated_at,
        original_record
    from source
),

unpacked as (
    select
        account_id,
        {{ json_text('license', 'license_id') }} as license_id,
        {{ json_text('license', 'role') }} as role,
        {{ json_text('license', 'status') }} as status,
        {{ json_without('license', ['license_id', 'role', 'status']) }}
            as extra_attributes,
        created_at,
        updated_at,
        raw_account_id,
        original_record,
        case
            when account_id is null then 'account_id is missing or no whole number'
            when license is null
                then 'license_data is no JSON object that can be read in one way only'
            when
                {{ json_type('license', 'license_id') }} not in ('string', 'number')
                then 'license_id is no text'
            when trim(coalesce({{ json_text('license', 'license_id') }}, '')) = ''
                then 'license_id is missing'
            when length({{ json_text('license', 'license_id') }}) > 255
                then 'license_id has more than 255 characters'
            when
                {{ json_type('license', 'role') }} not in ('string', 'null')
                then 'role is no text'
            when
                {{ json_type('license', 'status') }} not in ('string', 'null')
                then 'status is no text'
            when created_at is null and raw_created_at is not null
                then 'created_at is no date'
            when updated_at is null and raw_updated_at is not null
                then 'updated_at is no date'
        end as rejection_reason
    from parsed
),

final as (
    select
        license_id,
        account_id,
        role,
        status,
        extra_attributes,
        created_at,
        updated_at,
        rejection_reason is null and row_number() over (
            partition by license_id, rejection_reason is null
            order by
                coalesce(updated_at, created_at) desc nulls last,
                created_at desc nulls last,
                original_record
        ) = 1 as is_current,
        rejection_reason,
        coalesce(license_id, raw_account_id::text) as record_key,
        original_record
    from unpacked
)

select * from final

with

final as (
    select
        license_id,
        account_id,
        role,
        status,
        created_at,
        updated_at,
        extra_attributes
    from {{ ref('stg_dogdb__licenses') }}
    where is_current
)

select * from final

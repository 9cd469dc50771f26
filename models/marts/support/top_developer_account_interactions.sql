with

final as (
    select *
    from {{ ref('developer_account_interactions') }}
    where license_rank <= {{ var('top_developer_accounts') }}
)

select * from final

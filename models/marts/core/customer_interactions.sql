with

final as (
    select
        interaction_id,
        account_id,
        channel,
        category,
        service_rep_id,
        status,
        created_at,
        completed_at
    from {{ ref('int_interactions_assigned') }}
)

select * from final

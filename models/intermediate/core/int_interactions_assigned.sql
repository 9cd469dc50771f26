{# A representative is known by a name in the interaction: whoever alone fits it, or alone fits it that day. #}

{{ config(materialized='table', post_hook='{{ analyze_whole() }}') }}

with

interactions as (
    select
        interaction_id,
        account_id,
        channel,
        category,
        service_rep,
        status,
        created_at,
        completed_at
    from {{ ref('stg_dogdb__interactions') }}
    where is_current
),

representatives as (
    select
        service_rep_id,
        start_date,
        end_date,
        first_name,
        last_name,
        email
    from {{ ref('stg_dogdb__representatives') }}
    where is_current
),

names as (
    select
        service_rep_id,
        lower(first_name) as service_rep
    from representatives
    union
    select
        service_rep_id,
        lower(first_name || ' ' || last_name) as service_rep
    from representatives
    union
    select
        service_rep_id,
        lower(email) as service_rep
    from representatives
),

candidates as (
    select
        interactions.interaction_id,
        representatives.service_rep_id,
        coalesce(
            {{ utc_date('interactions.created_at') }}
            between coalesce(representatives.start_date, '-infinity'::date)
            and coalesce(representatives.end_date, 'infinity'::date),
            false
        ) as is_employed
    from interactions
    inner join names on lower(interactions.service_rep) = names.service_rep
    inner join representatives on names.service_rep_id = representatives.service_rep_id
),

matched as (
    select
        interaction_id,
        case
            when count(*) = 1 then min(service_rep_id)
            when count(*) filter (where is_employed) = 1
                then min(service_rep_id) filter (where is_employed)
        end as service_rep_id
    from candidates
    group by interaction_id
),

final as (
    select
        interactions.interaction_id,
        interactions.account_id,
        interactions.channel,
        interactions.category,
        interactions.service_rep,
        interactions.status,
        interactions.created_at,
        interactions.completed_at,
        coalesce(
            matched.service_rep_id,
            {{ negative_number('lower(interactions.service_rep)') }}
        ) as service_rep_id,
        interactions.service_rep is not null
        and matched.service_rep_id is null as is_inferred_representative
    from interactions
    left join matched on interactions.interaction_id = matched.interaction_id
)

select * from final

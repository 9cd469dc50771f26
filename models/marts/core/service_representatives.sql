{#
    Interactions name a representative by first name, whole name or address. A name that fits nobody, or fits
    several of whom not exactly one was employed then, becomes an inferred representative under a negative number.
#}

with

representatives as (
    select
        service_rep_id,
        email,
        first_name,
        last_name,
        start_date,
        end_date
    from {{ ref('stg_dogdb__representatives') }}
    where is_current
),

named as (
    select
        service_rep_id,
        service_rep
    from {{ ref('int_interactions_assigned') }}
    where is_inferred_representative
),

final as (
    select
        service_rep_id,
        email,
        first_name,
        last_name,
        start_date,
        end_date,
        false as is_inferred
    from representatives
    union all
    select
        service_rep_id,
        null as email,
        min(service_rep) as first_name,
        null as last_name,
        null as start_date,
        null as end_date,
        true as is_inferred
    from named
    group by service_rep_id
)

select * from final

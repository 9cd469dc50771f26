{# A plan's row is its price from updated_date on; of several rows for one day the dearest counts. #}

with

source as (
    select
        id,
        name,
        monthly_charge,
        created_date,
        updated_date,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('customer_pricing_plans') }} as raw_rows
),

typed as (
    select
        {{ to_whole_number('id') }} as pricing_plan_id,
        nullif(trim(name), '') as name,
        {{ to_amount('monthly_charge') }} as monthly_charge,
        {{ to_day('created_date') }} as created_date,
        {{ to_day('updated_date') }} as updated_date,
        id as raw_id,
        created_date as raw_created_date,
        updated_date as raw_updated_date,
        original_record
    from source
),

judged as (
    select
        *,
        case
            when pricing_plan_id is null then 'id is missing or no whole number'
            when name is null then 'name is missing'
            when monthly_charge is null or monthly_charge < 0 or monthly_charge >= 1e15
                then 'monthly_charge is no amount'
            when monthly_charge <> round(monthly_charge, 2)
                then 'monthly_charge is no whole number of cents'
            when created_date is null and raw_created_date is not null
                then 'created_date is no date'
            when updated_date is null and raw_updated_date is not null
                then 'updated_date is no date'
            when
                coalesce(updated_date, created_date) is null
                then 'no date it holds from'
        end as rejection_reason
    from typed
),

ranked as (
    select
        *,
        coalesce(updated_date, created_date) as starts_on,
        row_number() over dearest_first as place,
        first_value(original_record) over dearest_first as dearest_record
    from judged
    window dearest_first as (
        partition by
            pricing_plan_id,
            coalesce(updated_date, created_date),
            rejection_reason is null
        order by monthly_charge desc, original_record
    )
),

final as (
    select
        {{ dbt_utils.generate_surrogate_key(['pricing_plan_id', 'starts_on']) }}
            as plan_price_key,
        pricing_plan_id,
        name,
        monthly_charge,
        created_date,
        updated_date,
        starts_on,
        rejection_reason is null and place = 1 as is_current,
        case
            when rejection_reason is not null then rejection_reason
            when original_record <> dearest_record
                then 'another price of this plan and day is higher'
        end as rejection_reason,
        raw_id::text as record_key,
        original_record
    from ranked
)

select * from final

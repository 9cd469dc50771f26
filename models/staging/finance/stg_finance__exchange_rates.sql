{#
    A rate belongs to the month of its day. Of several for one month and currency the one of the latest day counts,
    as it is nearest to the month's end, where MRR is measured; of one day the lowest, so that nothing is overstated.
#}

with

source as (
    select
        month,
        currency,
        rate_to_usd,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('fx_rates') }} as raw_rows
),

typed as (
    select
        {{ to_day('month') }} as rate_day,
        nullif(lower(trim(currency)), '') as currency,
        {{ to_amount('rate_to_usd') }} as rate_to_usd,
        month as raw_month,
        rate_to_usd as raw_rate_to_usd,
        original_record
    from source
),

judged as (
    select
        *,
        {{ utc_month(utc_start('rate_day')) }} as month,
        case
            when raw_month is null then 'month is missing'
            when rate_day is null then 'month is no date'
            when currency is null then 'currency is missing'
            when currency !~ '^[a-z]{3}$' then 'currency is no code of three letters'
            when raw_rate_to_usd is null then 'rate_to_usd is missing'
            when rate_to_usd is null then 'rate_to_usd is no number'
            when rate_to_usd <= 0 then 'rate_to_usd is not above 0'
            when rate_to_usd < 1e-9 or rate_to_usd > 1e6
                then 'rate_to_usd is out of all proportion'
            when currency = 'usd' and rate_to_usd <> 1 then 'a dollar is not one dollar'
        end as rejection_reason
    from typed
),

ranked as (
    select
        *,
        row_number() over latest_first as recency,
        first_value(rate_to_usd) over latest_first as counting_rate
    from judged
    window latest_first as (
        partition by month, currency, rejection_reason is null
        order by rate_day desc, rate_to_usd asc, original_record
    )
),

final as (
    select
        month,
        currency,
        rate_to_usd,
        rejection_reason is null and recency = 1 as is_current,
        case
            when rejection_reason is not null then rejection_reason
            when rate_to_usd <> counting_rate
                then 'another rate of this month and currency is later or lower'
        end as rejection_reason,
        concat_ws(' ', coalesce(month::text, raw_month::text), currency) as record_key,
        original_record
    from ranked
)

select * from final

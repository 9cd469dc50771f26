{#
    A day's spending in a channel is the sum of the rows that count: several campaigns may spend on one day, and a
    credit is negative. Rows that agree in everything are one row delivered several times; the copies are refused.
#}

with

source as (
    select
        spend_date,
        channel_sk,
        amount,
        currency,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('ad_spend') }} as raw_rows
),

typed as (
    select
        {{ to_day('spend_date') }} as spend_date,
        {{ to_whole_number('channel_sk') }} as channel_sk,
        {{ to_amount('amount') }} as amount,
        nullif(lower(trim(currency)), '') as currency,
        spend_date as raw_spend_date,
        channel_sk as raw_channel_sk,
        amount as raw_amount,
        original_record
    from source
),

judged as (
    select
        *,
        case
            when raw_spend_date is null then 'spend_date is missing'
            when spend_date is null then 'spend_date is no date'
            when channel_sk is null then 'channel_sk is missing or no whole number'
            when raw_amount is null then 'amount is missing'
            when amount is null then 'amount is no number'
            when abs(amount) >= 1e15 then 'amount is no amount'
            when currency is null then 'currency is missing'
            when currency !~ '^[a-z]{3}$' then 'currency is no code of three letters'
        end as rejection_reason
    from typed
),

ranked as (
    select
        *,
        row_number() over copies as copy_number
    from judged
    window copies as (
        partition by
            spend_date,
            channel_sk,
            amount,
            currency,
            rejection_reason is null
        order by original_record
    )
),

final as (
    select
        spend_date,
        channel_sk,
        amount,
        currency,
        rejection_reason is null and copy_number = 1 as is_current,
        case
            when rejection_reason is not null then rejection_reason
            when copy_number > 1 then 'another row says the same'
        end as rejection_reason,
        concat_ws(' ', raw_spend_date::text, raw_channel_sk::text) as record_key,
        original_record
    from ranked
)

select * from final

{#
    Was this account paying on that day, for which plan, how much? At the day's last instant, or now where the day is not
    over. Run it: dogdb ask account_on_a_day --vars '{account_id: 2, day: 2024-03-15}'
#}

{% set next_day = "'" ~ var('day', '2024-03-15') ~ "'::date + 1" -%}
{% set last_instant = utc_start(next_day) ~ " - interval '1 microsecond'" -%}

select
    account_id,
    {{ next_day }} - 1 as day,
    subscription_id,
    status,
    plan,
    quantity,
    {{ shortest('mrr') }} as mrr,
    currency,
    mrr > 0 as is_paying,
    discounts <> {{ json_none() }} as has_discount,
    starts_at as so_since,
    event_id as told_by
from {{ subscriptions_at('(' ~ last_instant ~ ')') }} as held
where account_id = {{ var('account_id', 2) }}
order by subscription_id

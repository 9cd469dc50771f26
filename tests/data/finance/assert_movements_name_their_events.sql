{# A movement has events behind it, and they are events that the warehouse has read. #}

select
    movements.account_id,
    movements.month,
    event.value as event_id
from {{ ref('account_months') }} as movements
left join lateral {{ elements_of('movements.event_ids') }} as event (value) on true
left join {{ ref('stg_stripe__events') }} as events
    on {{ json_own_id('event.value') }} = events.event_id
where movements.movement <> 0 and events.event_id is null

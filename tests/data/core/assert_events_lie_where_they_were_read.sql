{#
    The models fetch an event's row from the place that was noted when it was first seen. Were the raw table rewritten
    since, they would miss it: build once with --full-refresh.
#}

select
    events.event_id,
    events.place
from {{ ref('stg_stripe__events') }} as events
left join {{ stripe_rows() }} as raw_rows
    on events.place = raw_rows.place and events.event_id = raw_rows.id
where events.batch = {{ last_read_batch() }} and raw_rows.id is null

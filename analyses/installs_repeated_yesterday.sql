{#
    Which users installed more than once yesterday (the UTC day before now)?
    Run it: dogdb ask installs_repeated_yesterday
#}

select distinct
    user_id,
    installs_of_user_on_day
from {{ ref('installs') }}
where
    install_date = {{ utc_date(now_at()) }} - 1
    and installs_of_user_on_day > 1
order by user_id

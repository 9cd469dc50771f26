{# The var `now` decides; else the newest Stripe event; else the newest row of the application. #}

{% if var('now') and not modules.re.match('\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?', var('now') | string) -%}
{{ exceptions.raise_compiler_error(
    "var now is '" ~ var('now') ~ "': give a day or an instant in UTC, as 2024-12-31 or 2024-12-31 18:00:00"
) }}
{%- endif %}

with

events as (
    select last_event_at
    from {{ ref('stg_stripe__event_times') }}
),

application_rows as (
    select greatest(created_at, updated_at) as happened_at
    from {{ ref('stg_dogdb__accounts') }}
    where is_current
    union all
    select greatest(created_at, updated_at)
    from {{ ref('stg_dogdb__licenses') }}
    where is_current
    union all
    select greatest(created_at, completed_at)
    from {{ ref('stg_dogdb__interactions') }}
    where is_current
    union all
    select installed_at
    from {{ ref('stg_installs__installs') }}
    where is_current
),

newest as (
    select max(happened_at) as happened_at
    from application_rows
),

final as (
    select
        1 as util_now_id,
        {% if var('now') -%}
        {{ to_utc("'" ~ var('now') ~ "'::text") }} as now_at
        {%- else -%}
        coalesce(
            (select events.last_event_at from events),
            newest.happened_at,
            '1970-01-01Z'::timestamptz
        ) as now_at
        {%- endif %}
    from newest
)

select * from final

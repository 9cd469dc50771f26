{# Every raw row that no mart counts, with its reason and its text: nothing is lost, nothing guessed. #}

with

rejected as (
    {% set stripe = {'stripe_events': 'stg_stripe__rejected_events'} -%}
    {% for source, model in dict(staging_models(), **stripe).items() -%}
    select
        '{{ source }}' as source,
        record_key,
        rejection_reason,
        original_record
    from {{ ref(model) }}
    where rejection_reason is not null
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

final as (
    select
        {{ dbt_utils.generate_surrogate_key(
            ['source', 'record_key', 'original_record', 'rejection_reason']
        ) }} as rejected_record_key,
        source,
        record_key,
        rejection_reason,
        original_record,
        count(*) as record_count
    from rejected
    group by source, record_key, rejection_reason, original_record
)

select * from final

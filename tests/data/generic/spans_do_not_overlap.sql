{# Half-open spans of one thing must not overlap; an open end reaches for ever. #}
{% test spans_do_not_overlap(model, partition_by, starts, ends) %}
    with

    neighbours as (
        select
            {{ partition_by | join(', ') }},
            {{ starts }},
            {{ ends }},
            lead({{ starts }}) over (
                partition by {{ partition_by | join(', ') }}
                order by {{ starts }}
            ) as next_start
        from {{ model }}
    )

    select *
    from neighbours
    where next_start is not null and ({{ ends }} is null or {{ ends }} > next_start)
{% endtest %}

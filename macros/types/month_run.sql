{#
    A number that months in an unbroken run have in common, within a partition (gaps and islands): the month less its place
    in the order is the same for all of them.
#}
{% macro month_run(month, partition) -%}
    {{ months_between("'2000-01-01'::date", month) }} - dense_rank() over (
        partition by {{ partition }}
        order by {{ month }}
    )
{%- endmacro %}

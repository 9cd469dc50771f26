{#
    A number that months in an unbroken row have in common, within a partition: they are as many months from their place
    in the order, all of them.
#}
{% macro month_run(month, partition) -%}
    {{ months_between("'2000-01-01'::date", month) }} - dense_rank() over (
        partition by {{ partition }}
        order by {{ month }}
    )
{%- endmacro %}

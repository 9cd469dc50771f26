{#
    A staging model keeps every row of its raw table, the refused ones too: it has rows where that has some. Not how many,
    as a live table grows while the warehouse is built.
#}

{% for source, model in staging_models().items() -%}
select '{{ source }}' as source
where
    exists (select 1 from {{ raw(source) }} as raw_rows)
    and not exists (select 1 from {{ ref(model) }})
{{ 'union all' if not loop.last }}
{% endfor %}

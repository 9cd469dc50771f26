{# Up to which batch of Stripe's events all incremental models that this one reads have been read. #}
{% macro batch_of_inputs() -%}
    {%- set readers = [] -%}
    {%- for id in model.depends_on.nodes if execute and id in graph.nodes -%}
        {%- if graph.nodes[id].config.materialized == 'incremental' -%}
            {%- do readers.append("('" ~ graph.nodes[id].relation_name ~ "')") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if readers -%}
        (
            select min(coalesce(reads.last_batch, 0))
            from (values {{ readers | join(', ') }}) as inputs (reader)
            left join utilities.reads as reads on inputs.reader = reads.reader
        )
    {%- else -%}
        0
    {%- endif -%}
{%- endmacro %}

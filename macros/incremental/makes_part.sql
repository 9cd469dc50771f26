{#
    Whether a model of parts makes only the rows of those that are touched: its table stands, what decides on its rows
    is what it was in the last run, and nobody asked for all of it. The seeds are made whole, always. Asked once a model and
    phase of its run.
#}
{% macro makes_part() %}
    {%- if not execute or flags.FULL_REFRESH or flags.WHICH not in ['build', 'run']
        or model.resource_type != 'model' or env_var('DOGDB_RAW', 'seeds') != 'live' -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = load_cached_relation(this) -%}
    {%- if found is none or found.type != 'table' -%}{{ return(false) }}{%- endif -%}
    {%- if 'makes_part' not in model -%}
        {%- set same = run_query(
            "select 1 from utilities.reads where reader = '" ~ this ~ "' and part_key = " ~ part_of_model().key
        ) -%}
        {%- do model.update({'makes_part': same.rows | length > 0}) -%}
    {%- endif -%}
    {{ return(model.makes_part) }}
{% endmacro %}

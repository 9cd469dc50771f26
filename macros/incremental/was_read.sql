{# Whether it is noted up to where the model has read; asked once a model. #}
{% macro was_read() %}
    {%- if not execute -%}{{ return(true) }}{%- endif -%}
    {%- if 'was_read' not in model -%}
        {%- set noted = run_query("select 1 from utilities.reads where reader = '" ~ this ~ "'").rows -%}
        {%- do model.update({'was_read': noted | length > 0}) -%}
    {%- endif -%}
    {{ return(model.was_read) }}
{% endmacro %}

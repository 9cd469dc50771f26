{# Up to which batch the model has read, none where nothing is noted; asked once a model and phase of its run. #}
{% macro noted_batch() %}
    {%- if 'noted_batch' not in model -%}
        {%- set noted = run_query("select last_batch from utilities.reads where reader = '" ~ this ~ "'").rows -%}
        {%- do model.update({'noted_batch': noted[0][0] if noted else none}) -%}
    {%- endif -%}
    {{ return(model.noted_batch) }}
{% endmacro %}

{# The indexes of a model of states: by event, by batch or time, by object and time, and by each of the lookups. #}
{% macro state_indexes(model_name, lookups=[]) %}
    {%- set indexes = [
        {'columns': ['event_id'], 'unique': true},
        {'columns': ['batch', 'occurred_at'], 'type': 'brin'},
        {'columns': [state_models()[model_name], 'occurred_at']},
    ] -%}
    {%- for column in lookups -%}
        {%- do indexes.append({'columns': [column]}) -%}
    {%- endfor -%}
    {{ return(indexes) }}
{% endmacro %}

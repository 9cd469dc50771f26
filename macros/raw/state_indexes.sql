{# The indexes of a model of states: by event, by batch or time, by object and time. #}
{% macro state_indexes(model_name) %}
    {{ return([
        {'columns': ['event_id'], 'unique': true},
        {'columns': ['batch', 'occurred_at'], 'type': 'brin'},
        {'columns': [state_models()[model_name], 'occurred_at']},
    ]) }}
{% endmacro %}

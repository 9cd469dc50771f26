{# The indexes of a model of states: by event, by what wrote it, by object and time. #}
{% macro state_indexes(model_name) %}
    {{ return([
        {'columns': ['event_id'], 'unique': true},
        {'columns': ['written_in']},
        {'columns': [state_models()[model_name], 'occurred_at']},
    ]) }}
{% endmacro %}

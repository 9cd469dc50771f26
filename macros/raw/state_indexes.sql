{# The indexes of a model of states: by event, by batch or time, by object and time, and by what it names and is looked up by. #}
{% macro state_indexes(model_name) %}
    {%- set indexes = [
        {'columns': ['event_id'], 'unique': true},
        {'columns': ['batch', 'occurred_at'], 'type': 'brin'},
        {'columns': [state_models()[model_name], 'occurred_at']},
    ] -%}
    {%- if model_name == 'stg_stripe__invoice_states' -%}
        {%- do indexes.extend([{'columns': ['charge_id']}, {'columns': ['payment_intent_id']}]) -%}
    {%- endif -%}
    {{ return(indexes) }}
{% endmacro %}

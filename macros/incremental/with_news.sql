{# A query of what a model of states says in some column, of the states that are news to the model that is built. #}
{% macro with_news(model, column) -%}
    select states.{{ column }} from {{ ref(model) }} as states where {{ arrived_since('states') }}
{%- endmacro %}

{# An empty JSON array. #}
{% macro json_none() %}{{ return(adapter.dispatch('json_none')()) }}{% endmacro %}

{% macro postgres__json_none() %}{{ return("'[]'::jsonb") }}{% endmacro %}

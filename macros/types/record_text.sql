{# A whole row as one line of text, to show where it was rejected. #}
{% macro record_text(alias) %}{{ return(adapter.dispatch('record_text')(alias)) }}{% endmacro %}

{% macro postgres__record_text(alias) %}{{ return('to_jsonb(' ~ alias ~ ')::text') }}{% endmacro %}

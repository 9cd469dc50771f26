{# The text of an object's member; null where it is missing or null. #}
{% macro json_text(object, name) %}{{ return(adapter.dispatch('json_text')(object, name)) }}{% endmacro %}

{% macro postgres__json_text(object, name) %}{{ return(object ~ " ->> '" ~ name ~ "'") }}{% endmacro %}

{# A stable negative number for a name that has none, out of the way of the application's own positive ones. #}
{% macro negative_number(text) %}{{ return(adapter.dispatch('negative_number')(text)) }}{% endmacro %}

{% macro postgres__negative_number(text) %}
    {{- return("-1 - ('x' || left(md5(" ~ text ~ "), 15))::bit(60)::bigint") -}}
{% endmacro %}

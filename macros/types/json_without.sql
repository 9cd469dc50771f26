{# An object without some of its members. #}
{% macro json_without(object, names) %}{{ return(adapter.dispatch('json_without')(object, names)) }}{% endmacro %}

{% macro postgres__json_without(object, names) %}
    {{- return('(' ~ object ~ " - '{" ~ names | join(',') ~ "}'::text[])") -}}
{% endmacro %}

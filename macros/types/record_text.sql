{# A whole row as one line of text, to show where it was rejected; without the columns that nobody may see there. #}
{% macro record_text(alias, without=[]) %}{{ return(adapter.dispatch('record_text')(alias, without)) }}{% endmacro %}

{% macro postgres__record_text(alias, without) %}
    {{- return('(to_jsonb(' ~ alias ~ ") - '{" ~ without | join(',') ~ "}'::text[])::text") -}}
{% endmacro %}

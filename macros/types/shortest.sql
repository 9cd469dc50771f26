{# A decimal without the zeros that end it: the same number, one way to write it. #}
{% macro shortest(value) %}{{ return(adapter.dispatch('shortest')(value)) }}{% endmacro %}

{% macro postgres__shortest(value) %}{{ return('trim_scale(' ~ value ~ ')') }}{% endmacro %}

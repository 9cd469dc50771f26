{# A list of values. #}
{% macro list_of(members) %}{{ return(adapter.dispatch('list_of')(members)) }}{% endmacro %}

{% macro postgres__list_of(members) %}{{ return('array[' ~ members | join(', ') ~ ']') }}{% endmacro %}

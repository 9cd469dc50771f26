{# A relation of the values in some lists, one after the other; a list that is null adds none. #}
{% macro values_of(lists) %}{{ return(adapter.dispatch('values_of')(lists)) }}{% endmacro %}

{% macro postgres__values_of(lists) %}{{ return('unnest(' ~ lists | join(' || ') ~ ')') }}{% endmacro %}

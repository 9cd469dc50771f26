{# The last element of a list. #}
{% macro last_of(list) %}{{ return(adapter.dispatch('last_of')(list)) }}{% endmacro %}

{% macro postgres__last_of(list) %}{{ return(list ~ '[cardinality(' ~ list ~ ')]') }}{% endmacro %}

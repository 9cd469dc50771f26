{#
    What tells where a row of a raw table lies, so that it is found again without reading the table. Holds as long
    as nothing rewrites the table; whoever uses it checks that the row is the one that was meant.
#}
{% macro place_column() %}{{ return(adapter.dispatch('place_column')()) }}{% endmacro %}

{% macro postgres__place_column() %}{{ return('ctid') }}{% endmacro %}

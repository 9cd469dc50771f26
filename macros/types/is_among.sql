{#
    Whether a column of a view is one of the values of a query. PostgreSQL takes such a condition down into the view, below
    its grouping, and a join it does not; there the column should have an index, since each value is looked up.
#}
{% macro is_among(column, query) %}{{ return(adapter.dispatch('is_among')(column, query)) }}{% endmacro %}

{% macro postgres__is_among(column, query) %}{{ return(column ~ ' = any (array(' ~ query ~ '))') }}{% endmacro %}

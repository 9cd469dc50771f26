{#
    Before a model that joins the many elements of arrays to the few kinds of them: the planner expects a hundred elements
    of every array, and would rather sort them all.
#}
{% macro join_by_hash() %}{{ return(adapter.dispatch('join_by_hash')()) }}{% endmacro %}

{% macro postgres__join_by_hash() %}set local enable_mergejoin = off{% endmacro %}

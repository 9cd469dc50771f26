{#
    Before a model that takes a few short columns of every row of a long table: handing a row from one process to
    another is cheap then, and the planner shall think so.
#}
{% macro read_in_parallel() %}{{ return(adapter.dispatch('read_in_parallel')()) }}{% endmacro %}

{% macro postgres__read_in_parallel() %}set local parallel_tuple_cost = 0.01{% endmacro %}

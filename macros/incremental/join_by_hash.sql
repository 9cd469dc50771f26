{#
    Before a part is made, in its transaction: no nested loops but lateral ones. Of queries within queries the planner expects
    next to no rows, and would compare each of one with each of the other.
#}
{% macro join_by_hash() %}{{ return(adapter.dispatch('join_by_hash')()) }}{% endmacro %}

{% macro postgres__join_by_hash() -%}
    {{ 'set local enable_nestloop = off' if makes_part() }}
{%- endmacro %}

{#
    Ends a query whose columns shall be worked out before anything is joined to them, each once, however often they are used.
    Unlike `offset 0`, several processes can still share the work.
#}
{% macro worked_out_once() %}{{ return(adapter.dispatch('worked_out_once')()) }}{% endmacro %}

{% macro postgres__worked_out_once() %}{{ return('limit all') }}{% endmacro %}

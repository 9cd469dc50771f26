{# A relation of one column: every whole number from the first to the last, both included. #}
{% macro whole_numbers(first, last) %}{{ return(adapter.dispatch('whole_numbers')(first, last)) }}{% endmacro %}

{% macro postgres__whole_numbers(first, last) %}{{ return('generate_series(' ~ first ~ ', ' ~ last ~ ')') }}{% endmacro %}

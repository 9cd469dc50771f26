{#
    The number of the batch that is being read: one more than that of the last run, also where that was another table. Asked
    by the statement that writes what was read, when another run at the same time has ended: two never share a number.
#}
{% macro current_batch() %}{{ return(adapter.dispatch('current_batch')()) }}{% endmacro %}

{% macro postgres__current_batch() -%}
    {%- if env_var('DOGDB_RAW', 'seeds') == 'live' -%}
        (select last_batch + 1 from utilities.reads where reader = '{{ this }}')
    {%- else -%}
        1::bigint
    {%- endif -%}
{%- endmacro %}

{# A digest of a table's rows, in the order of some columns. #}
{% macro digest_of(relation, order) %}{{ return(adapter.dispatch('digest_of')(relation, order)) }}{% endmacro %}

{% macro postgres__digest_of(relation, order) -%}
    (select md5(string_agg(digested::text, '|' order by {{ order }})) from {{ relation }} as digested)
{%- endmacro %}

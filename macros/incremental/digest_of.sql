{# A digest of a table's rows, whatever their order. #}
{% macro digest_of(relation) %}{{ return(adapter.dispatch('digest_of')(relation)) }}{% endmacro %}

{% macro postgres__digest_of(relation) -%}
    (select concat(count(*), ':', sum(hash_record_extended(digested, 0))) from {{ relation }} as digested)
{%- endmacro %}

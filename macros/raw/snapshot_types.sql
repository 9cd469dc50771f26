{# The types under which `dogdb pull` keeps objects that it fetched as they stand. #}
{% macro snapshot_types(kinds) %}
    {%- set types = [] -%}
    {%- for kind in kinds -%}{%- do types.append('snapshot.' ~ kind) -%}{%- endfor -%}
    {{ return(types) }}
{% endmacro %}

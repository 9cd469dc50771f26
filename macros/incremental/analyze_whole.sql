{# After a model was made whole: lets the planner know it before others read it. #}
{% macro analyze_whole() -%}
    {%- if not is_incremental() -%}analyze {{ this }}{%- endif -%}
{%- endmacro %}

{#
    After a model was made whole: lets the planner know it before others read it. A sample of a third of the usual
    size tells it enough; the usual one, of the wide columns too, takes as long as an index.
#}
{% macro analyze_whole() %}{{ return(adapter.dispatch('analyze_whole')()) }}{% endmacro %}

{% macro postgres__analyze_whole() -%}
    {%- if not is_incremental() -%}set local default_statistics_target = 30; analyze {{ this }}{%- endif -%}
{%- endmacro %}

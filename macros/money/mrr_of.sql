{# MRR of priced items, less the discounts in force whose duration counts, each in its order. #}
{% macro mrr_of(items, discounts, durations) %}
    {{- return(adapter.dispatch('mrr_of')(items, discounts, durations)) -}}
{% endmacro %}

{% macro postgres__mrr_of(items, discounts, durations) %}
    {{- return(
        'utilities.mrr(' ~ items ~ ', ' ~ discounts ~ ", array['" ~ durations | join("', '") ~ "']::text[])"
    ) -}}
{% endmacro %}

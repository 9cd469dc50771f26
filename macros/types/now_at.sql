{# The instant that counts as now: the one place where it enters. #}
{% macro now_at() %}(select now_at from {{ ref('util_now') }}){% endmacro %}

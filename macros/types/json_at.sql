{#
    What is at a path of a JSON value: `a.b` is member b of member a, a number is a place in an array. Of `object`, in a
    model that reads `stripe_objects`, it was taken out there already, once for all uses.
#}
{% macro json_at(value, path) %}{{ return(adapter.dispatch('json_at')(value, path)) }}{% endmacro %}

{% macro postgres__json_at(value, path) %}
    {%- if value == 'object' -%}
        {{ return('at_' ~ path.replace('.', '__')) }}
    {%- endif -%}
    {{ return(json_steps(value, path)) }}
{% endmacro %}

{# All switches of the policy in force, as one text. #}
{% macro policy_switches() %}
    {%- set values = [] -%}
    {%- for switch in policy_presets()['stripe'] -%}
        {%- do values.append(switch ~ ' ' ~ policy(switch)) -%}
    {%- endfor -%}
    {{ return(values | join(', ')) }}
{% endmacro %}

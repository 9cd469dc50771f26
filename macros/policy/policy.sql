{#
    One switch of a policy: the var `policy_switches` decides where it names it, else the preset. With `preset`: that
    preset's, whatever the vars say. A misspelt name or value, or one value where a list is meant, is an error, never a default.
#}
{% macro policy(switch, preset=none) %}
    {%- set presets = policy_presets() -%}
    {%- set chosen = preset or var('policy') -%}
    {%- if chosen not in presets -%}
        {{ exceptions.raise_compiler_error(
            'var policy is ' ~ chosen ~ '; there are ' ~ presets.keys() | join(', ')
        ) }}
    {%- endif -%}
    {%- set known = {
        'counted_statuses': ['active', 'past_due', 'trialing', 'unpaid', 'paused', 'incomplete'],
        'counted_discounts': ['forever', 'repeating', 'once'],
        'churn_at': ['period_end', 'cancellation'],
        'free_is_churn': [true, false],
    } -%}
    {%- set lists = ['counted_statuses', 'counted_discounts'] -%}
    {%- set switches = {} if preset else (var('policy_switches') or {}) -%}
    {%- for name, value in switches.items() -%}
        {%- set is_list = value is sequence and value is not string and value is not mapping -%}
        {%- set values = value if is_list else [value] -%}
        {%- if name not in known or is_list != (name in lists) or values | reject('in', known[name]) | list -%}
            {{ exceptions.raise_compiler_error(
                'var policy_switches says ' ~ name ~ ': ' ~ value ~ '; there are ' ~ known
                ~ ', of ' ~ lists | join(' and ') ~ ' a list'
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(switches.get(switch, presets[chosen][switch])) }}
{% endmacro %}

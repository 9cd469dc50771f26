{#
    One switch of a policy: the var `policy_switches` decides where it names it, else the preset. With `preset`: that
    preset's, whatever the vars say. A misspelt name or value is an error, never a default.
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
    {%- set switches = {} if preset else (var('policy_switches') or {}) -%}
    {%- for name, value in switches.items() -%}
        {%- set values = value if value is iterable and value is not string else [value] -%}
        {%- if name not in known or values | reject('in', known[name]) | list -%}
            {{ exceptions.raise_compiler_error(
                'var policy_switches says ' ~ name ~ ': ' ~ value ~ '; there are ' ~ known
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(switches.get(switch, presets[chosen][switch])) }}
{% endmacro %}

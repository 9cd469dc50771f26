{# The kind of object that an event of some type is about; null where no model reads such objects. #}
{% macro object_kind(type) -%}
    case
        {%- for kind, types in object_types().items() %}
        when {{ type }} = 'snapshot.{{ kind }}'
            {%- for pattern in types %}
            or {{ type }} {{ 'like' if '%' in pattern else '=' }} '{{ pattern }}'
            {%- endfor %}
            then '{{ kind }}'
        {%- endfor %}
    end
{%- endmacro %}

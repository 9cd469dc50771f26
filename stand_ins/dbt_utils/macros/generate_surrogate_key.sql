{% macro generate_surrogate_key(field_list) -%}
    {%- set parts = [] -%}
    {%- for field in field_list -%}
        {%- do parts.append("coalesce(cast(" ~ field ~ " as " ~ type_string() ~ "), '_dbt_utils_surrogate_key_null_')") -%}
    {%- endfor -%}
    md5(cast({{ parts | join(" || '-' || ") }} as {{ type_string() }}))
{%- endmacro %}

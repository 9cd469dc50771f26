{# An amount in major units from one in minor units and the currency's decimal places (two unless known). #}
{% macro major_units(amount_minor, decimal_places) -%}
    ({{ amount_minor }} / power(10::numeric, coalesce({{ decimal_places }}, 2)))
{%- endmacro %}

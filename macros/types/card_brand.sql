{# A card's brand as Stripe writes it today (amex), from that or from the names of old (American Express). #}
{% macro card_brand(name) -%}
    case lower({{ name }})
        when 'american express' then 'amex'
        when 'diners club' then 'diners'
        when 'eftpos australia' then 'eftpos_au'
        else lower({{ name }})
    end
{%- endmacro %}

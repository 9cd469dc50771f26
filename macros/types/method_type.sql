{#
    What a saved method is: a card, a bank's account or Alipay's say so by what they are, all others by their type.
    object, type: texts, as the method tells them.
#}
{% macro method_type(object, type) -%}
    case
        when {{ object }} in ('card', 'bank_account', 'alipay_account') then {{ object }}
        else {{ type }}
    end
{%- endmacro %}

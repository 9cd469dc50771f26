{#
    What a JSON object that pays says of itself: what stands under the name of its type, as in {type: card, card: {…}};
    of a card or a bank account of old the whole object.
#}
{% macro json_details(value) %}{{ return(adapter.dispatch('json_details')(value)) }}{% endmacro %}

{% macro postgres__json_details(value) %}{{ return('utilities.json_details(' ~ value ~ ')') }}{% endmacro %}

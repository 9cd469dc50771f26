{# A relation of a JSON array's elements and their places, the first being 1; none where it is null or no array. #}
{% macro numbered_elements_of(array) %}{{ return(adapter.dispatch('numbered_elements_of')(array)) }}{% endmacro %}

{% macro postgres__numbered_elements_of(array) %}{{ return(elements_of(array) ~ ' with ordinality') }}{% endmacro %}

{# Texts as SQL writes them in a list: `status in ({{ texts(['active', 'past_due']) }})`. #}
{% macro texts(values) %}'{{ values | join("', '") }}'{% endmacro %}

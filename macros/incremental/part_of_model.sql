{#
    What the macro `<model>__part` says of the model that is built: `key`, from `part_key`, and `touched`, a query of the
    parts that may have changed.
#}
{% macro part_of_model() %}{{ return(context[model.name ~ '__part']()) }}{% endmacro %}

{# The transaction that is writing, for `arrived_since_last_run`. #}
{% macro current_transaction() %}{{ return(adapter.dispatch('current_transaction')()) }}{% endmacro %}

{% macro postgres__current_transaction() %}{{ return('pg_current_xact_id()') }}{% endmacro %}

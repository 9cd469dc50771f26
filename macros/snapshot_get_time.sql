{# When a snapshot sees what it sees: in UTC, whatever the session's zone; dbt's own takes the session's. #}
{% macro postgres__snapshot_get_time() -%}
    (current_timestamp at time zone 'UTC')
{%- endmacro %}

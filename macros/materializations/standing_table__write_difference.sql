{# Deletes what is gone, updates what differs, inserts what is new; an unchanged row is not touched. #}
{% macro standing_table__write_difference(target, beside, key, columns) -%}
    {%- set same_key = [] -%}
    {%- for column in key -%}{%- do same_key.append('made.' ~ column ~ ' = standing.' ~ column) -%}{%- endfor -%}
    {%- set same_key = same_key | join(' and ') -%}
    {%- set others = columns | reject('in', key) | list -%}

    delete from {{ target }} as standing
    where not exists (select from {{ beside }} as made where {{ same_key }});

    {% if others %}
    update {{ target }} as standing
    set {% for column in others %}{{ column }} = made.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ beside }} as made
    where {{ same_key }}
        and (standing.{{ others | join(', standing.') }}) is distinct from (made.{{ others | join(', made.') }});
    {% endif %}

    insert into {{ target }} ({{ columns | join(', ') }})
    select {{ columns | join(', ') }}
    from {{ beside }} as made
    where not exists (select from {{ target }} as standing where {{ same_key }})
{%- endmacro %}

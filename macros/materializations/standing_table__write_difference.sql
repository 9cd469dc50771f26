{#
    Deletes what is gone, updates what differs, inserts what is new; an unchanged row is not touched. Where only a part
    was made, the other parts stay as they are.
#}
{% macro standing_table__write_difference(target, beside, key, columns, part=none) -%}
    {%- set same_key = [] -%}
    {%- for column in key -%}{%- do same_key.append('made.' ~ column ~ ' = standing.' ~ column) -%}{%- endfor -%}
    {%- set same_key = same_key | join(' and ') -%}
    {%- set others = columns | reject('in', key) | list -%}
    {%- set of_part = ('standing.' ~ part ~ ' = any (array(select touched.part from touched))') if part else 'true' -%}
    {%- set differs -%}
        (standing.{{ others | join(', standing.') }}) is distinct from (made.{{ others | join(', made.') }})
    {%- endset -%}

    {% if config.get('tells_accounts') %}
    insert into utilities.told_accounts (relation, account_id, told_in)
    select '{{ target }}', changed.account_id, pg_current_xact_id()
    from (
        select standing.account_id
        from {{ target }} as standing
        left join {{ beside }} as made on {{ same_key }}
        where {{ of_part }} and (made.{{ key[0] }} is null or {{ differs }})
        union
        select made.account_id
        from {{ beside }} as made
        left join {{ target }} as standing on {{ same_key }}
        where standing.{{ key[0] }} is null or {{ differs }}
    ) as changed
    where changed.account_id is not null
    on conflict (relation, account_id) do update set told_in = excluded.told_in;
    {% endif %}

    delete from {{ target }} as standing
    where {{ of_part }} and not exists (select from {{ beside }} as made where {{ same_key }});

    {% if others %}
    update {{ target }} as standing
    set {% for column in others %}{{ column }} = made.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ beside }} as made
    where {{ same_key }} and {{ differs }};
    {% endif %}

    insert into {{ target }} ({{ columns | join(', ') }})
    select {{ columns | join(', ') }}
    from {{ beside }} as made
    where not exists (select from {{ target }} as standing where {{ same_key }})
{%- endmacro %}

{#
    Deletes what is gone, updates what differs, inserts what is new; an unchanged row is not touched. Where only a part
    was made, the other parts stay as they are.
#}
{% macro standing_table__write_difference(target, beside, key, columns, part=none, tells=none) -%}
    {%- set same_key = [] -%}
    {%- for column in key -%}{%- do same_key.append('made.' ~ column ~ ' = standing.' ~ column) -%}{%- endfor -%}
    {%- set same_key = same_key | join(' and ') -%}
    {%- set others = columns | reject('in', key) | list -%}
    {%- set of_part -%}
        {%- if part is string -%}
            {{ part }} in (select touched.part from touched)
        {%- elif part -%}
            ({{ part | join('::text in (select touched.part from touched) or ') }}::text in (select touched.part from touched))
        {%- else -%}
            true
        {%- endif -%}
    {%- endset -%}
    {%- set differs -%}
        (standing.{{ others | join(', standing.') }}) is distinct from (made.{{ others | join(', made.') }})
    {%- endset -%}

    {% if tells %}
    insert into utilities.told (relation, part, value, told_in)
    select distinct '{{ target }}', told.part, told.value, pg_current_xact_id()
    from (
        select changed.*
        from (select {{ columns | join(', ') }} from {{ target }} where {{ of_part }}) as standing
        full join {{ beside }} as made on {{ same_key }}
        cross join lateral (select standing.* union all select made.*) as changed
        where standing.{{ key[0] }} is null or made.{{ key[0] }} is null or {{ differs }}
    ) as changed
    cross join lateral (
        {%- for name, values in tells.items() %}
        select '{{ name }}', ({{ values }})::text
        {{- ' union all' if not loop.last }}
        {%- endfor %}
    ) as told (part, value)
    where told.value is not null
    on conflict (relation, part, value) do update set told_in = excluded.told_in;
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

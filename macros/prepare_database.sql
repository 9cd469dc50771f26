{#
    What PostgreSQL can't say in one expression: casts that answer null instead of failing (pg_input_is_valid
    comes with 16 only), JSON whose quotes were made curly; and the note of what incremental models have read. Before
    every run, and without effect where all of it is there.
#}
{% macro prepare_database() %}
    {% if execute and flags.WHICH in ['build', 'run', 'test', 'snapshot', 'show', 'compile', 'run-operation'] %}
        {{ return(adapter.dispatch('prepare_database')()) }}
    {% endif %}
{% endmacro %}

{% macro postgres__prepare_database() %}
-- Two runs at once would replace the same rows of the catalog.
select pg_advisory_xact_lock(hashtext('dogdb: prepare database'));

create schema if not exists utilities;

create unlogged table if not exists utilities.reads (
    reader text primary key,
    read_snapshot pg_snapshot,
    last_batch bigint not null default 0
);
comment on table utilities.reads is
    'Up to where each incremental model has read; written with what it read, in one transaction. Unlogged like
    those models: a crash of the server empties them all, and the next build reads everything again.';

create or replace function utilities.to_utc(value timestamptz) returns timestamptz
language sql immutable parallel safe return
    case when value >= '1970-01-01Z'::timestamptz and value < '2200-01-01Z'::timestamptz then value end;

create or replace function utilities.to_utc(value timestamp) returns timestamptz
language sql immutable parallel safe return
    case when value >= '1970-01-01' and value < '2200-01-01' then value at time zone 'UTC' end;

create or replace function utilities.to_utc(value text) returns timestamptz
language plpgsql immutable parallel safe as $function$
begin
    if trim(value) !~ '^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|UTC|[+-]\d\d(:?\d\d)?)?)?$' then
        return null;
    elsif trim(value) ~ '(Z|UTC|:\S*[+-]\d\d(:?\d\d)?)$' then
        return utilities.to_utc(trim(value)::timestamptz);
    end if;
    return utilities.to_utc(trim(value)::timestamp);
exception when others then
    return null;
end $function$;

create or replace function utilities.to_day(value date) returns date
language sql immutable parallel safe return
    case when value >= '1970-01-01'::date and value < '2200-01-01'::date then value end;

create or replace function utilities.to_day(value text) returns date
language sql immutable parallel safe return
    (utilities.to_utc(value) at time zone 'UTC')::date;

create or replace function utilities.to_whole_number(value numeric) returns bigint
language sql immutable parallel safe return
    case when abs(value) < 9223372036854775808 and value = trunc(value) then value::bigint end;

create or replace function utilities.to_whole_number(value text) returns bigint
language sql immutable parallel safe return
    case
        when trim(value) ~ '^[+-]?\d{1,100}(\.0{0,100})?$'
            then utilities.to_whole_number(trim(value)::numeric)
    end;

create or replace function utilities.to_amount(value numeric) returns numeric
language sql immutable parallel safe return
    case when value > '-Infinity' and value < 'Infinity' then value end;

create or replace function utilities.to_amount(value text) returns numeric
language sql immutable parallel safe return
    case when trim(value) ~ '^[+-]?\d{1,100}(\.\d{0,100})?$' then trim(value)::numeric end;

create or replace function utilities.json_string(value jsonb) returns text
language sql immutable parallel safe return
    case when jsonb_typeof(value) = 'string' then value #>> '{}' end;

-- As few casts as can be: this is where a build of many events spends much of its time.
create or replace function utilities.json_amount(value jsonb) returns bigint
language sql immutable parallel safe return
    case
        when jsonb_typeof(value) = 'number'
            then case
                when
                    abs(value::numeric) < 9223372036854775808
                    and (scale(value::numeric) = 0 or value::numeric = trunc(value::numeric))
                    then value::bigint
            end
    end;

create or replace function utilities.json_decimal(value jsonb) returns numeric
language sql immutable parallel safe return
    case jsonb_typeof(value)
        when 'number' then value::numeric
        when 'string' then utilities.to_amount(value #>> '{}')
    end;

create or replace function utilities.json_instant(value jsonb) returns timestamptz
language sql immutable parallel safe return
    case
        when jsonb_typeof(value) = 'number' and value::numeric >= 0 and value::numeric < 7258118400
            then to_timestamp(trunc(value::numeric)::bigint::double precision)
    end;

create or replace function utilities.json_flag(value jsonb) returns boolean
language sql immutable parallel safe return
    case when jsonb_typeof(value) = 'boolean' then value::boolean end;

create or replace function utilities.json_id(value jsonb) returns text
language sql immutable parallel safe return
    case jsonb_typeof(value)
        when 'string' then value #>> '{}'
        when 'object' then utilities.json_string(value -> 'id')
    end;

create or replace function utilities.json_list(value jsonb) returns jsonb
language sql immutable parallel safe return
    case when jsonb_typeof(value) = 'array' then value end;

-- A list of more than one is summed by a function of its own, as a query within a query would keep PostgreSQL from
-- sharing the work between processes; one that is not longer needs no query.
create or replace function utilities.json_sum_of_many(list jsonb, name text) returns bigint
language sql immutable parallel safe as $function$
    select coalesce(sum(utilities.json_amount(item.value -> name)), 0)::bigint
    from jsonb_array_elements(list) as item (value)
$function$;

create or replace function utilities.json_sum(list jsonb, name text) returns bigint
language sql immutable parallel safe return
    case
        when jsonb_typeof(list) = 'array'
            then case
                when jsonb_array_length(list) > 1 then utilities.json_sum_of_many(list, name)
                else coalesce(utilities.json_amount(list -> 0 -> name), 0)
            end
    end;

create or replace function utilities.json_one_or_many(one jsonb, many jsonb) returns jsonb
language sql immutable parallel safe return
    case
        when jsonb_typeof(many) = 'array' and many <> '[]' then many
        when jsonb_typeof(one) = 'object' then jsonb_build_array(one)
        else '[]'
    end;

create or replace function utilities.json_or_null(value text) returns jsonb
language plpgsql immutable parallel safe as $function$
begin
    return value::jsonb;
exception when others then
    return null;
end $function$;

-- Whether a state is what an event says was before it; null there means null or missing here.
create or replace function utilities.is_state_before(state jsonb, previous jsonb) returns boolean
language sql immutable parallel safe as $function$
    select not exists (
        select from jsonb_each(previous) as attribute (name, value)
        where not case
            when attribute.value = 'null' then coalesce(state -> attribute.name, 'null') = 'null'
            else coalesce(state -> attribute.name @> jsonb_strip_nulls(attribute.value), false)
        end
    )
$function$;

-- How many members of a state are another than before, and not said to have changed.
create or replace function utilities.unexplained_changes(before jsonb, after jsonb, previous jsonb) returns bigint
language sql immutable parallel safe as $function$
    select count(*)
    from jsonb_each(after) as member (name, value)
    where before -> member.name is distinct from member.value
        and not coalesce(previous ? member.name, false)
$function$;

-- Events of one object and one second in the order that fits best: the state after each is what the next says was
-- before it; among orders that fit equally, the one with the fewest changes that nobody tells of; then that of the
-- life cycle, and of the ids. Up to six: every order is tried; more than that follow the life cycle.
create or replace function utilities.event_order(
    ids text[], ranks integer[], states jsonb[], previous jsonb[], state_before jsonb
) returns text[]
language sql immutable parallel safe as $function$
    with recursive

    events as (
        select
            event.id,
            event.rank,
            event.state,
            case when jsonb_typeof(event.previous) = 'object' then event.previous end as previous
        from unnest(ids, ranks, states, previous) as event (id, rank, state, previous)
    ),

    orders as (
        select
            array[events.id] as path,
            events.state,
            events.rank,
            case
                when events.previous is null or state_before is null then 0
                when utilities.is_state_before(state_before, events.previous) then 1
                else -1
            end as fit,
            coalesce(utilities.unexplained_changes(state_before, events.state, events.previous), 0) as unexplained,
            0 as inversions
        from events
        where cardinality(ids) <= 6
        union all
        select
            orders.path || events.id,
            events.state,
            events.rank,
            orders.fit + case
                when events.previous is null then 0
                when utilities.is_state_before(orders.state, events.previous) then 1
                else -1
            end,
            orders.unexplained
                + utilities.unexplained_changes(orders.state, events.state, events.previous),
            orders.inversions + (events.rank < orders.rank)::integer
        from orders
        inner join events on events.id <> all (orders.path)
    )

    select coalesce(
        (
            select orders.path
            from orders
            where cardinality(orders.path) = cardinality(ids)
            order by orders.fit desc, orders.unexplained, orders.inversions, orders.path
            limit 1
        ),
        (select array_agg(events.id order by events.rank, events.id) from events)
    )
$function$;

-- The text's JSON object, null where it is none or gives a key twice (jsonb would silently keep the last).
create or replace function utilities.json_object_or_null(value text) returns jsonb
language plpgsql immutable parallel safe as $function$
begin
    if jsonb_typeof(value::jsonb) <> 'object'
        or (select count(*) > count(distinct names.name) from json_object_keys(value::json) as names (name))
    then
        return null;
    end if;
    return value::jsonb;
exception when others then
    return null;
end $function$;

-- The same text with straight quotes around its names and strings. Where does a string end?
-- by_nesting: where as many quotes have closed as have opened (“a “b” c” is one string), or at the next straight
-- one; otherwise: at the first quote that JSON's own punctuation follows (“5” wide” is one string).
create or replace function utilities.straighten_quotes(
    value text, by_nesting boolean, out straightened text, out has_inner_quotes boolean
)
language plpgsql immutable parallel safe as $function$
declare
    letters text[] := string_to_array(value, null);
    result text[] := '{}';
    letter text;
    opener text;
    depth integer := 0;
    ends boolean;
    here integer := 1;
    ahead integer;
begin
    has_inner_quotes := false;
    while here <= cardinality(letters) loop
        letter := letters[here];
        if depth = 0 then
            if letter in ('"', '“', '”') then
                depth := 1;
                opener := letter;
                letter := '"';
            end if;
        elsif letter = '\' and here < cardinality(letters) then
            here := here + 1;
            has_inner_quotes := has_inner_quotes or letters[here] in ('"', '“', '”');
            letter := case when letters[here] in ('“', '”') then '' else letter end || letters[here];
        elsif letter in ('"', '“', '”') then
            if not by_nesting or opener = '”' then
                ahead := here + 1;
                while letters[ahead] in (' ', e'\t', e'\n', e'\r') loop
                    ahead := ahead + 1;
                end loop;
                ends := coalesce(letters[ahead] in (',', ':', '}', ']'), true);
            elsif '"' in (opener, letter) then
                ends := opener = letter;
            else
                depth := depth + case letter when '“' then 1 else -1 end;
                ends := depth = 0;
            end if;
            has_inner_quotes := has_inner_quotes or not ends;
            if ends then
                depth := 0;
                letter := '"';
            elsif letter = '"' then
                letter := '\"';
            end if;
        end if;
        result := result || letter;
        here := here + 1;
    end loop;
    straightened := array_to_string(result, '');
end $function$;

create or replace function utilities.json_from_text(value text) returns jsonb
language plpgsql immutable parallel safe as $function$
declare
    one_way record;
    by_punctuation jsonb;
    by_nesting jsonb;
begin
    begin
        if jsonb_typeof(value::jsonb) is not null then
            return utilities.json_object_or_null(value);
        end if;
    exception when others then
        null;
    end;
    if length(value) > 100000 then
        return null;
    end if;
    one_way := utilities.straighten_quotes(value, false);
    by_punctuation := utilities.json_object_or_null(one_way.straightened);
    -- Where every quote is a delimiter, there is nothing to read in another way.
    if not one_way.has_inner_quotes then
        return by_punctuation;
    end if;
    by_nesting := utilities.json_object_or_null((utilities.straighten_quotes(value, true)).straightened);
    if by_punctuation <> by_nesting then
        return null;
    end if;
    return coalesce(by_punctuation, by_nesting);
end $function$;
{% endmacro %}

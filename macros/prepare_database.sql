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
alter table utilities.reads
    add column if not exists part_key text,
    add column if not exists read_until timestamptz;
comment on table utilities.reads is
    'Up to where each incremental model has read; written with what it read, in one transaction. Unlogged like
    those models: a crash of the server empties them all, and the next build reads everything again.';

create unlogged table if not exists utilities.told (
    relation text,
    part text,
    value text,
    told_in xid8 not null,
    primary key (relation, part, value)
);
comment on table utilities.told is
    'The accounts, subscriptions and months (part: which of them) whose rows a table has changed, and in which transaction last:
    what models below it go by.';

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
    case when jsonb_typeof(value) = 'string' then nullif(value #>> '{}', '') end;

-- A number of 10^15 and more is none of Stripe's, so that products and sums of what is left always fit. As few casts as can
-- be: this is where a build of many events spends much of its time.
create or replace function utilities.json_amount(value jsonb) returns bigint
language sql immutable parallel safe return
    case
        when jsonb_typeof(value) = 'number'
            then case
                when
                    abs(value::numeric) < 1000000000000000
                    and (scale(value::numeric) = 0 or value::numeric = trunc(value::numeric))
                    then value::bigint
            end
    end;

create or replace function utilities.json_decimal(value jsonb) returns numeric
language sql immutable parallel safe return
    case jsonb_typeof(value)
        when 'number' then case when abs(value::numeric) < 1000000000000000 then value::numeric end
        when 'string' then case when value #>> '{}' ~ '^[+-]?\d{1,15}(\.\d{0,100})?$' then (value #>> '{}')::numeric end
    end;

-- The common ones first, as a regular expression takes several times as long as all the rest.
create or replace function utilities.json_currency(value jsonb) returns text
language sql immutable parallel safe return
    case
        when value #>> '{}' in ('usd', 'eur', 'gbp', 'cad', 'aud', 'jpy') then value #>> '{}'
        when value #>> '{}' ~ '^[A-Za-z]{3}$' then lower(value #>> '{}')
    end;

-- From 2009, before which Stripe was not, to 2199.
create or replace function utilities.json_instant(value jsonb) returns timestamptz
language sql immutable parallel safe return
    case
        when jsonb_typeof(value) = 'number' and value::numeric >= 1230768000 and value::numeric < 7258118400
            then to_timestamp(trunc(value::numeric)::bigint::double precision)
    end;

create or replace function utilities.json_flag(value jsonb) returns boolean
language sql immutable parallel safe return
    case when jsonb_typeof(value) = 'boolean' then value::boolean end;

-- No id of Stripe's is longer than 255 bytes, and an index can't hold what is very long.
create or replace function utilities.short_text(value text) returns text
language sql immutable parallel safe return
    case when octet_length(value) < 256 then nullif(value, '') end;

create or replace function utilities.json_id(value jsonb) returns text
language sql immutable parallel safe return
    case jsonb_typeof(value)
        when 'string' then utilities.short_text(value #>> '{}')
        when 'object' then utilities.short_text(utilities.json_string(value -> 'id'))
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

create or replace function utilities.json_sum_of_many(list jsonb, name text, counted jsonb) returns bigint
language sql immutable parallel safe as $function$
    select coalesce(sum(utilities.json_amount(item.value -> name)) filter (where item.value @> counted), 0)::bigint
    from jsonb_array_elements(list) as item (value)
$function$;

create or replace function utilities.json_sum(list jsonb, name text, counted jsonb) returns bigint
language sql immutable parallel safe return
    case
        when jsonb_typeof(list) = 'array'
            then case
                when jsonb_array_length(list) > 1 then utilities.json_sum_of_many(list, name, counted)
                when list -> 0 @> counted then coalesce(utilities.json_amount(list -> 0 -> name), 0)
                else 0
            end
    end;

create or replace function utilities.json_details(value jsonb) returns jsonb
language sql immutable parallel safe return
    case
        when value ->> 'object' in ('card', 'bank_account') then value
        else value -> (value ->> 'type')
    end;

create or replace function utilities.json_with_member(list jsonb, one jsonb) returns jsonb
language sql immutable parallel safe as $function$
    select jsonb_agg(case when value = one -> 'id' then one else value end order by place)
    from jsonb_array_elements(list) with ordinality as member (value, place)
$function$;

-- Where the array names the object by its id only, the object takes that place. Concatenation makes the array of one, as
-- jsonb_build_array is not immutable, and would have the function called and not written into the query.
create or replace function utilities.json_one_or_many(one jsonb, many jsonb) returns jsonb
language sql immutable parallel safe return
    case
        when jsonb_typeof(many) = 'array' and many <> '[]'
            then case
                when many @> (one -> 'id') and jsonb_typeof(one -> 'id') = 'string'
                    then utilities.json_with_member(many, one)
                else many
            end
        when jsonb_typeof(one) = 'object' then '[]'::jsonb || one
        else '[]'
    end;

create or replace function utilities.json_or_null(value text) returns jsonb
language plpgsql immutable parallel safe as $function$
begin
    return value::jsonb;
exception when others then
    return null;
end $function$;

-- Whether a value is what an event says was before it. Of an object only the members that changed are told, of an
-- array all of it. is_whole: what the value lacks was not there, so that only nothing (null, false, empty) may be missing;
-- otherwise it says nothing, as of what lies deeper API versions show more or less.
create or replace function utilities.is_state_before(state jsonb, previous jsonb, is_whole boolean) returns boolean
language plpgsql immutable parallel safe as $function$
begin
    return state = previous or case jsonb_typeof(previous)
        when 'object' then
            jsonb_typeof(state) = 'object'
            and not exists (
                select from jsonb_each(previous) as attribute (name, value)
                where not case
                    when not state ? attribute.name
                        then not is_whole or attribute.value in ('null', 'false', '[]', '{}')
                    when state -> attribute.name = attribute.value then true
                    else utilities.is_state_before(
                        state -> attribute.name, attribute.value, attribute.name = 'metadata'
                    )
                end
            )
        when 'array' then
            jsonb_typeof(state) = 'array'
            and jsonb_array_length(state) = jsonb_array_length(previous)
            and not exists (
                select from jsonb_array_elements(previous) with ordinality as element (value, place)
                where not utilities.is_state_before(
                    state -> (element.place - 1)::integer, element.value, is_whole
                )
            )
        else false
    end;
end $function$;

-- How well an event follows a state. fit: 1 where the state is what the event says was before it, -1 where it is not, 0
-- where nothing tells. unexplained: how many members are another than before and not said to have changed. A member that
-- one of the two lacks says nothing: API versions differ in what they show.
create or replace function utilities.step_between(
    before jsonb, after jsonb, previous jsonb, out fit integer, out unexplained integer
)
language sql immutable parallel safe as $function$
    select
        coalesce(
            (
                select
                    case
                        when bool_and(
                            utilities.is_state_before(before -> name, previous -> name, name = 'metadata')
                        ) then 1
                        else -1
                    end
                from unnest(changed) as told (name)
                where before ? name
                having count(*) > 0
            ),
            0
        ),
        case
            when before - changed = after - changed then 0
            else (
                select count(*)::integer
                from jsonb_each(after - changed) as member (name, value)
                where before -> name <> value
            )
        end
    from (
        select array(select jsonb_object_keys(previous) where jsonb_typeof(previous) = 'object') as changed
    ) as told
$function$;

-- A subscription's state in an older API version's shape, and beside it what newer ones have in its place.
create or replace function utilities.in_newer_shape(state jsonb) returns jsonb
language sql immutable parallel safe return
    case
        when not state ? 'discounts' and state ? 'discount'
            then jsonb_build_object('discounts', case
                when state -> 'discount' = 'null' then '[]'
                else jsonb_build_array(state -> 'discount' -> 'id')
            end)
        else '{}'
    end
    || case
        when not state ? 'items' and state ? 'plan'
            then jsonb_build_object('items', jsonb_build_object('data', jsonb_build_array(jsonb_build_object(
                'quantity', state -> 'quantity',
                'plan', state -> 'plan',
                'price', jsonb_build_object('id', state -> 'plan' -> 'id')
            ))))
        else '{}'
    end
    || state;

-- Events of one object and one second in the order in which each says all that is another than after the one before it.
-- Where there is none, or several first ones, the order that fits best: with the most steps that leave nothing
-- unexplained, then the best fit, then the fewest changes that nobody tells of, then that of the life cycle, and of the
-- ids. Up to six: every order is tried; up to sixteen: the one that their words of before tell; more follow the life cycle.
-- events: an array of {id, rank, state, previous}; state_before: the object's state before that second, or null.
-- The one plan for all of them: making one takes longer than a call.
create or replace function utilities.event_order(events jsonb, state_before jsonb) returns text[]
language plpgsql immutable parallel safe set plan_cache_mode = force_generic_plan as $function$
begin
    return (
        with recursive

        event as (
            select
                value ->> 'id' as id,
                (value ->> 'rank')::integer as rank,
                value -> 'state' as state,
                value -> 'previous' as previous,
                array(
                    select jsonb_object_keys(value -> 'previous') where jsonb_typeof(value -> 'previous') = 'object'
                ) as changed
            from jsonb_array_elements(events)
        ),

        told_step as (
            select
                earlier.id as from_id,
                event.id,
                (event.rank < earlier.rank)::integer as inversions
            from event as earlier
            inner join event on earlier.id <> event.id
            where earlier.state - event.changed = event.state - event.changed
                and (event.changed = '{}' or utilities.is_state_before(earlier.state, event.previous, true))
        ),

        told_order as (
            select
                array[id] as path,
                id,
                0 as inversions
            from event
            union all
            select
                told_order.path || told_step.id,
                told_step.id,
                told_order.inversions + told_step.inversions
            from told_order
            inner join told_step on told_order.id = told_step.from_id and told_step.id <> all (told_order.path)
            where
                jsonb_array_length(events) <= 16
                and (select count(*) from told_step)
                <= case when jsonb_array_length(events) <= 10 then 3 else 2 end * jsonb_array_length(events)
        ),

        step as (
            select
                earlier.id as from_id,
                event.id,
                event.rank,
                (event.rank < earlier.rank)::integer as inversions,
                stepped.fit,
                stepped.unexplained
            from (
                select id, rank, state from event
                union all
                select '', null, utilities.in_newer_shape(state_before) where state_before is not null
            ) as earlier
            inner join event on earlier.id <> event.id
            cross join lateral utilities.step_between(earlier.state, event.state, event.previous) as stepped
        ),

        orders as (
            select
                array[event.id] as path,
                event.id,
                coalesce((step.fit >= 0 and step.unexplained = 0)::integer, 0) as exact,
                coalesce(step.fit, 0) as fit,
                coalesce(step.unexplained, 0) as unexplained,
                0 as inversions
            from event
            left join step on step.from_id = '' and event.id = step.id
            where jsonb_array_length(events) <= 6
            union all
            select
                orders.path || step.id,
                step.id,
                orders.exact + (step.fit >= 0 and step.unexplained = 0)::integer,
                orders.fit + step.fit,
                orders.unexplained + step.unexplained,
                orders.inversions + step.inversions
            from orders
            inner join step on orders.id = step.from_id and step.id <> all (orders.path)
        )

        select coalesce(
            (
                select path
                from (select *, min(path[1]) over () = max(path[1]) over () as begin_alike
                    from told_order
                    where cardinality(path) = jsonb_array_length(events)) as whole
                where begin_alike
                order by inversions, path
                limit 1
            ),
            (
                select path
                from orders
                where cardinality(path) = jsonb_array_length(events)
                order by exact desc, fit desc, unexplained, inversions, path
                limit 1
            ),
            (select array_agg(id order by rank, id) from event)
        )
    );
end $function$;

-- The text's JSON object, null where it is none or gives a key twice (jsonb would silently keep the last).
create or replace function utilities.json_object_or_null(value text) returns jsonb
language plpgsql immutable parallel safe as $function$
declare
    parsed jsonb;
begin
    parsed := value::jsonb;
    if jsonb_typeof(parsed) <> 'object'
        or (select count(*) from json_object_keys(value::json)) > (select count(*) from jsonb_object_keys(parsed))
    then
        return null;
    end if;
    return parsed;
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
    as_it_stands jsonb;
    one_way record;
    by_punctuation jsonb;
    by_nesting jsonb;
begin
    -- Where all quotes are curly it is no JSON as it stands.
    if strpos(value, '"') > 0 or value !~ '[“”]' then
        as_it_stands := utilities.json_object_or_null(value);
        if as_it_stands is not null or utilities.json_or_null(value) is not null then
            return as_it_stands;
        end if;
    end if;
    if length(value) > 100000 then
        return null;
    end if;
    -- Quotes in pairs, nothing escaped, each second one before JSON's own punctuation: there is one way to read it.
    if value ~ '^[^"“”\\]*(["“”][^"“”\\]*["“”][ \t\n\r]*[]},:][^"“”\\]*)*$' then
        return utilities.json_object_or_null(translate(value, '“”', '""'));
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

-- What a quantity costs by a price's tiers, in minor units. A tier's flat amount is charged when the tier is
-- reached, the first one's also at a quantity of 0. Null where the tiers are not known.
create or replace function utilities.tiered_amount(tiers jsonb, tiers_mode text, quantity numeric) returns numeric
language sql immutable parallel safe as $function$
    with

    tier as (
        select
            coalesce(lag(spans.up_to) over (order by spans.up_to nulls last), 0) as above,
            spans.up_to,
            spans.unit_amount,
            spans.flat_amount
        from (
            select
                utilities.json_decimal(value -> 'up_to') as up_to,
                coalesce(
                    utilities.json_decimal(value -> 'unit_amount_decimal'),
                    utilities.json_decimal(value -> 'unit_amount'),
                    utilities.json_decimal(value -> 'amount'),
                    0
                ) as unit_amount,
                coalesce(
                    utilities.json_decimal(value -> 'flat_amount_decimal'),
                    utilities.json_decimal(value -> 'flat_amount'),
                    0
                ) as flat_amount
            from jsonb_array_elements(case when jsonb_typeof(tiers) = 'array' then tiers end) as found (value)
        ) as spans
    )

    select case tiers_mode
        when 'volume' then (
            select quantity * tier.unit_amount + tier.flat_amount
            from tier
            where tier.up_to is null or quantity <= tier.up_to
            order by tier.up_to nulls last
            limit 1
        )
        when 'graduated' then (
            select sum(
                (least(quantity, coalesce(tier.up_to, quantity)) - tier.above) * tier.unit_amount + tier.flat_amount
            )
            from tier
            where quantity > tier.above or tier.above = 0
        )
    end
$function$;

-- An amount a month less the discounts that are in force and of a duration that counts, one after the other: a
-- percentage of what is left, or an amount off each invoice, as often as there are invoices; never below 0. The customer's
-- counts where none of the subscription does.
create or replace function utilities.less_discounts(
    amount numeric, discounts jsonb, periods_per_month numeric, durations text[]
) returns numeric
language plpgsql immutable parallel safe as $function$
declare
    discount jsonb;
begin
    for discount in select value from jsonb_array_elements(discounts) with ordinality as one (value, place) order by place
    loop
        if discount ->> 'duration' = any (durations) and (discount ->> 'is_in_force')::boolean
            and not (discount ->> 'level' = 'customer' and exists (
                select from jsonb_array_elements(discounts) as own (value)
                where value ->> 'level' = 'subscription'
                    and value ->> 'duration' = any (durations)
                    and (value ->> 'is_in_force')::boolean
            ))
        then
            amount := greatest(0, case
                when jsonb_typeof(discount -> 'percent_off') = 'number'
                    then amount * (1 - (discount ->> 'percent_off')::numeric / 100)
                else amount - coalesce((discount ->> 'amount_off')::numeric, 0) * periods_per_month
            end);
        end if;
    end loop;
    return amount;
end $function$;

-- MRR of items as finance.subscription_periods lists them: each less its own discounts, their sum less the others. What
-- comes off each invoice comes off as often as the first item is billed whose interval is known.
create or replace function utilities.mrr(items jsonb, discounts jsonb, durations text[]) returns numeric
language plpgsql immutable parallel safe as $function$
declare
    item jsonb;
    total numeric := 0;
begin
    for item in select value from jsonb_array_elements(items) with ordinality as one (value, place) order by place
    loop
        if item -> 'discounts' = '[]' then
            total := total + coalesce((item ->> 'list_mrr')::numeric, 0);
        else
            total := total + utilities.less_discounts(
                coalesce((item ->> 'list_mrr')::numeric, 0), item -> 'discounts',
                (item ->> 'periods_per_month')::numeric, durations
            );
        end if;
    end loop;
    if discounts <> '[]' then
        total := utilities.less_discounts(
            total, discounts,
            (
                select (value ->> 'periods_per_month')::numeric
                from jsonb_array_elements(items) with ordinality as one (value, place)
                where value ->> 'periods_per_month' is not null
                order by place
                limit 1
            ),
            durations
        );
    end if;
    return total;
end $function$;
{% endmacro %}

{# What stands in Stripe's JSON, null where it is of another type. Written so that PostgreSQL puts them into the query. #}
{% macro postgres__json_functions() %}
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

create or replace function utilities.json_decimal_sum_of_some(list jsonb, name text, counted jsonb) returns numeric
language sql immutable parallel safe as $function$
    select coalesce(sum(utilities.json_decimal(item.value -> name)) filter (where item.value @> counted), 0)
    from jsonb_array_elements(list) as item (value)
$function$;

create or replace function utilities.json_decimal_sum(list jsonb, name text, counted jsonb) returns numeric
language sql immutable parallel safe return
    case
        when jsonb_typeof(list) = 'array' and list <> '[]' then utilities.json_decimal_sum_of_some(list, name, counted)
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
{% endmacro %}

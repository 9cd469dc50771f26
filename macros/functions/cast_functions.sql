{# Casts that answer null for what is no such value, instead of failing (pg_input_is_valid comes with PostgreSQL 16 only). #}
{% macro postgres__cast_functions() %}
create or replace function utilities.to_utc(value timestamptz) returns timestamptz
language sql immutable parallel safe return
    case when value >= '1970-01-01Z'::timestamptz and value < '2200-01-01Z'::timestamptz then value end;

create or replace function utilities.to_utc(value timestamp) returns timestamptz
language sql immutable parallel safe return
    case when value >= '1970-01-01' and value < '2200-01-01' then value at time zone 'UTC' end;

create or replace function utilities.to_utc(value text) returns timestamptz
language plpgsql immutable parallel restricted as $function$
begin
    if trim(value) !~ '^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|UTC|[+-]\d\d(:?\d\d)?)?)?$' then
        return null;
    elsif trim(value) ~ '(Z|UTC|:\S*\s?[+-]\d\d(:?\d\d)?)$' then
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
language sql immutable parallel restricted return
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
{% endmacro %}

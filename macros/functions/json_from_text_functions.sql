{#
    JSON that people have written, with straight quotes or with curly ones. What catches errors is parallel restricted, and so
    is what calls it: before PostgreSQL 17 a parallel worker can't, and 18's, writing a table, catches what is no error.
#}
{% macro postgres__json_from_text_functions() %}
create or replace function utilities.json_or_null(value text) returns jsonb
language plpgsql immutable parallel restricted as $function$
begin
    return value::jsonb;
exception when others then
    return null;
end $function$;

-- The text's JSON object, null where it is none or gives a key twice (jsonb would silently keep the last).
create or replace function utilities.json_object_or_null(value text) returns jsonb
language plpgsql immutable parallel restricted as $function$
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
language plpgsql immutable parallel restricted as $function$
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
{% endmacro %}

{# In which order the events of one object and one second happened. #}
{% macro postgres__event_order_functions() %}
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
-- one of the two lacks says nothing: API versions differ in what they show; so each may be what was before the other.
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
                    and not (
                        utilities.is_state_before(before -> name, value, name = 'metadata')
                        and utilities.is_state_before(value, before -> name, name = 'metadata')
                    )
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
-- Where there is none, or several first ones, the order that fits best: with nothing changed after the end, then with the
-- most steps that leave nothing unexplained, then the best fit, then the fewest changes that nobody tells of, then that of
-- the life cycle, and of the ids. Up to seven: every order is tried; up to sixteen, and a hundred where
-- after each but one can follow: the one that their words of before tell; more follow the life cycle.
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
                case
                    when (select count(*) = count(distinct from_id) from told_step) then jsonb_array_length(events) <= 100
                    else
                        jsonb_array_length(events) <= 16
                        and (select count(*) from told_step)
                        <= case when jsonb_array_length(events) <= 10 then 3 else 2 end * jsonb_array_length(events)
                end
        ),

        step as (
            select
                earlier.id as from_id,
                event.id,
                event.rank,
                (event.rank < earlier.rank)::integer as inversions,
                coalesce(earlier.rank = 9 and event.rank between 2 and 8, false)::integer as changes_after_end,
                stepped.fit,
                stepped.unexplained
            from (
                select id, rank, utilities.in_newer_shape(state) as state from event
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
                0 as inversions,
                0 as changes_after_end
            from event
            left join step on step.from_id = '' and event.id = step.id
            where jsonb_array_length(events) <= 7
            union all
            select
                orders.path || step.id,
                step.id,
                orders.exact + (step.fit >= 0 and step.unexplained = 0)::integer,
                orders.fit + step.fit,
                orders.unexplained + step.unexplained,
                orders.inversions + step.inversions,
                orders.changes_after_end + step.changes_after_end
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
                order by changes_after_end, exact desc, fit desc, unexplained, inversions, path
                limit 1
            ),
            (select array_agg(id order by rank, id) from event)
        )
    );
end $function$;
{% endmacro %}

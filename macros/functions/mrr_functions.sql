{# What a price comes to, and what is left of it after discounts. #}
{% macro postgres__mrr_functions() %}
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

-- MRR of items as finance.subscription_periods lists them: each less its own discounts, their sum less the others. An
-- amount off is per invoice: it is multiplied by the invoices per month of the first item whose interval is known, and
-- reduced by the tax contained in the prices.
create or replace function utilities.mrr(items jsonb, discounts jsonb, durations text[]) returns numeric
language plpgsql immutable parallel safe as $function$
declare
    item jsonb;
    amount numeric;
    with_tax numeric;
    total numeric := 0;
    total_with_tax numeric := 0;
begin
    for item in select value from jsonb_array_elements(items) with ordinality as one (value, place) order by place
    loop
        amount := coalesce((item ->> 'list_mrr')::numeric, 0);
        with_tax := 1 + coalesce((item ->> 'inclusive_tax_percent')::numeric, 0) / 100;
        if item -> 'discounts' <> '[]' then
            amount := utilities.less_discounts(
                amount, item -> 'discounts', (item ->> 'periods_per_month')::numeric / with_tax, durations
            );
        end if;
        total := total + amount;
        total_with_tax := total_with_tax + amount * with_tax;
    end loop;
    if discounts <> '[]' then
        total := utilities.less_discounts(
            total, discounts,
            (
                select (value ->> 'periods_per_month')::numeric * coalesce(total / nullif(total_with_tax, 0), 1)
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

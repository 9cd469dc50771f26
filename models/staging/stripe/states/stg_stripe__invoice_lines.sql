{#
    The lines of an invoice's last state; an invoice with news is read again, whole. They were an array of their own once,
    and three by what they are for before (until 2012-10-26).
#}

{{ config(
    unique_key='invoice_id',
    pre_hook="{{ forget_news('stg_stripe__invoice_states', 'invoice_id') }}",
    indexes=[{'columns': ['invoice_id']}, {'columns': ['batch'], 'type': 'brin'}],
) }}

{% set has_news -%}
{% if is_incremental() -%}
states.invoice_id in (
    select news.invoice_id
    from {{ ref('stg_stripe__invoice_states') }} as news
    where {{ of_new_batches('news.batch') }}
)
{%- else -%}
true
{%- endif %}
{%- endset -%}

with

latest as (
    select
        invoice_id,
        event_id,
        batch,
        place
    from
        {{ latest_states('stg_stripe__invoice_states', has_news, first=true) }}
            as latest
    where has_more_lines is not true
),

{#
    An event shows ten lines at most; another one of the finalized invoice, as a pulled one, may show all of them: the last
    such one. Apart from the others, few as they are: all would else be found in a slower way. Joins alone, which several
    processes can share.
#}
{% set shows_all -%}
latest.invoice_id = whole.invoice_id
and latest.total_minor = whole.total_minor
and whole.status <> 'draft'
and whole.has_more_lines is not true
{%- endset -%}

cut as (
    select
        latest.invoice_id,
        coalesce(whole.event_id, latest.event_id) as event_id,
        latest.batch,
        coalesce(whole.place, latest.place) as place
    from
        {{ latest_states(
            'stg_stripe__invoice_states', 'states.has_more_lines and ' ~ has_news
        ) }} as latest
    left join {{ ref('stg_stripe__invoice_states') }} as whole
        on {{ shows_all }}
    left join {{ ref('stg_stripe__invoice_states') }} as later
        on
            {{ shows_all | replace('whole.', 'later.') }}
            and (later.occurred_at, whole.event_id)
            > (whole.occurred_at, later.event_id)
    where later.event_id is null
),

opened as (
    {% for part in ['latest', 'cut'] -%}
    (
        select
            {{ part }}.invoice_id,
            {{ part }}.event_id,
            {{ part }}.batch,
            raw_rows.id as id_there,
            {{ json_at('raw_rows.payload', 'data.object') }} as invoice
        from {{ part }}
        inner join {{ stripe_rows() }} as raw_rows on {{ part }}.place = raw_rows.place
        {{ worked_out_once() }}
    )
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

invoices as (
    select
        invoice_id,
        event_id,
        batch,
        coalesce(
            {{ json_list('invoice', 'lines.data') }},
            {{ json_list('invoice', 'lines') }},
            {{ json_joined([
                json_list('invoice', 'lines.invoiceitems'),
                json_list('invoice', 'lines.prorations'),
                json_list('invoice', 'lines.subscriptions'),
            ]) }}
        ) as lines
    from opened
    where coalesce(event_id = id_there, false)
    {{ worked_out_once() }}
),

lines as (
    select
        invoices.invoice_id,
        invoices.event_id,
        invoices.batch,
        line.value as line,
        line.line_number
    from invoices
    cross join
        lateral {{ numbered_elements_of('invoices.lines') }}
            as line (value, line_number)
),

final as (
    select
        invoice_id,
        line_number::integer as line_number,
        {{ json_string('line', 'id') }} as invoice_line_id,
        event_id,
        coalesce(
            {{ json_currency('line', 'currency') }},
            {{ json_currency('line', 'plan.currency') }}
        ) as currency,
        {{ json_amount('line', 'amount') }} as amount_minor,
        coalesce(
            {{ json_sum('line', 'discount_amounts', 'amount') }},
            0
        ) as discount_minor,
        coalesce(
            {{ json_sum('line', 'tax_amounts', 'amount', {'inclusive': true}) }},
            {{ json_sum('line', 'taxes', 'amount', {'tax_behavior': 'inclusive'}) }},
            0
        ) as inclusive_tax_minor,
        {{ json_amount('line', 'quantity') }} as quantity,
        {{ json_instant('line', 'period.start') }} as period_starts_at,
        {{ json_instant('line', 'period.end') }} as period_ends_at,
        coalesce(
            {{ json_flag('line', 'proration') }},
            {{ json_flag('line', 'parent.subscription_item_details.proration') }},
            {{ json_flag('line', 'parent.invoice_item_details.proration') }},
            false
        ) as is_proration,
        coalesce(
            {{ json_string('line', 'type') }} = 'invoiceitem',
            {{ json_string('line', 'parent.type') }} = 'invoice_item_details',
            {{ json_string('line', 'id') }} like 'ii%',
            false
        ) as is_invoice_item,
        coalesce({{ json_flag('line', 'discountable') }}, true) as is_discountable,
        coalesce(
            {{ json_id('line', 'price') }},
            {{ json_id('line', 'pricing.price_details.price') }},
            {{ json_id('line', 'plan') }}
        ) as price_id,
        coalesce(
            {{ json_id('line', 'subscription') }},
            {{ json_id('line', 'parent.subscription_item_details.subscription') }},
            {{ json_id('line', 'parent.invoice_item_details.subscription') }},
            case
                when
                    {{ json_string('line', 'type') }} = 'subscription'
                    and {{ json_string('line', 'id') }} like 'su%'
                    then {{ json_string('line', 'id') }}
            end
        ) as subscription_id,
        {{ json_string('line', 'description') }} as description,
        batch
    from lines
)

select * from final

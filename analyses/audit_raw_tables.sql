{#
    What is wrong with the raw tables' design, counted: rows without a key of their own, duplicates, references to
    nothing, JSON in text, columns with two purposes. Run it: dogdb ask audit_raw_tables
#}

{% set license_id = json_text('license', 'license_id') %}

{% set findings = [
    ('missing key', 'interactions', 'rows that nothing tells apart but their content', 'count(*)'),
    ('missing key', 'licenses', 'rows whose only key is inside the JSON', 'count(*)'),
    ('duplicate', 'accounts', 'rows beyond the first of one account_id', 'count(account_id) - count(distinct account_id)'),
    ('duplicate', 'interactions', 'rows that repeat another to the letter', 'count(*) - count(distinct original_record)'),
    ('duplicate', 'licenses', 'issues beyond the first of one license_id', 'count(' ~ license_id ~ ') - count(distinct ' ~ license_id ~ ')'),
    ('orphan', 'interactions', 'rows of an account that is not there', 'count(*) filter (where not exists (select from accounts where accounts.account_id = here.account_id))'),
    ('orphan', 'licenses', 'rows of an account that is not there', 'count(*) filter (where not exists (select from accounts where accounts.account_id = here.account_id))'),
    ('orphan', 'interactions', 'rows whose representative is nobody on the list', "count(here.service_rep) filter (where not exists (select from representatives where lower(here.service_rep) in (lower(representatives.first_name), lower(representatives.first_name || ' ' || representatives.last_name), lower(representatives.email))))"),
    ('JSON in text', 'licenses', 'rows whose id, role and status SQL can not see', 'count(*)'),
    ('JSON in text', 'licenses', 'rows with curly quotes, no JSON as they stand', "count(*) filter (where license_data ~ '[“”]')"),
    ('JSON in text', 'licenses', 'rows that can not be read at all', 'count(*) - count(license)'),
    ('mixed purpose', 'accounts', 'rows with the plan beside the customer, the last one only', 'count(current_tier)'),
    ('mixed purpose', 'interactions', 'rows with a first name where a reference belongs', 'count(service_rep)'),
] %}

with

accounts as (
    select
        account_id,
        current_tier
    from {{ raw('customer_accounts') }} as raw_rows
),

interactions as (
    select
        account_id,
        service_rep,
        {{ record_text('raw_rows') }} as original_record
    from {{ raw('customer_interactions') }} as raw_rows
),

licenses as (
    select
        account_id,
        license_data,
        {{ json_from_text('license_data') }} as license
    from {{ raw('customer_licenses') }} as raw_rows
),

representatives as (
    select
        first_name,
        last_name,
        email
    from {{ raw('service_representatives') }} as raw_rows
),

findings as (
    {% for problem, table, finding, count in findings -%}
    select
        {{ loop.index }} as finding_number,
        '{{ problem }}' as problem,
        'customer_{{ table }}' as raw_table,
        '{{ finding | replace("'", "''") }}' as finding,
        {{ count }} as row_count
    from {{ table }} as here
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select * from findings
order by finding_number

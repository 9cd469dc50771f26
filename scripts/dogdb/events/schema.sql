-- Brings raw.stripe_events into being, or an older one up to date, without touching a row.
-- Runs in one transaction, behind the lock that schema.py holds; running it again changes nothing.
do $migration$
declare
    compressed text;
begin
    if to_regnamespace('raw') is null then
        create schema raw;
    end if;

    create table if not exists raw.stripe_events (
        id text primary key,
        type text,
        created timestamptz,
        livemode boolean,
        api_version text,
        payload jsonb,
        received_at timestamptz not null default now(),
        account text,
        source text not null,
        body bytea not null,
        body_sha256 bytea not null,
        quarantine_reason text,
        origin text,
        arrived_in xid8 not null default pg_current_xact_id()
    );

    -- A table that others made keeps its rows as they are: what is unknown about them stays null.
    alter table raw.stripe_events
        add column if not exists id text,
        add column if not exists type text,
        add column if not exists created timestamptz,
        add column if not exists livemode boolean,
        add column if not exists api_version text,
        add column if not exists payload jsonb,
        add column if not exists received_at timestamptz not null default now(),
        add column if not exists account text,
        add column if not exists source text,
        add column if not exists body bytea,
        add column if not exists body_sha256 bytea,
        add column if not exists quarantine_reason text,
        add column if not exists origin text;

    -- A constant first: adding a column with a volatile default would rewrite the table. Its rows
    -- arrived, as far as a reader of arrived_in can tell, with this migration.
    if not exists (
        select from pg_attribute
        where
            attrelid = 'raw.stripe_events'::regclass
            and attname = 'arrived_in'
            and not attisdropped
    ) then
        execute format(
            'alter table raw.stripe_events add column arrived_in xid8 not null default %L',
            pg_current_xact_id()
        );
        alter table raw.stripe_events
            alter column arrived_in set default pg_current_xact_id();
    end if;

    foreach compressed in array array['payload', 'body'] loop
        begin
            execute format(
                'alter table raw.stripe_events alter column %I set compression lz4', compressed
            );
        exception
            when feature_not_supported then null; -- this server was built without lz4
        end;
    end loop;

    -- An older table may hold ids twice, or none; then only what comes from now on is unique.
    if not exists (
        select from pg_index
        where
            indrelid = 'raw.stripe_events'::regclass
            and indisunique
            and indisvalid
            and indnkeyatts = 1
            and pg_get_indexdef(indexrelid, 1, true) = 'id'
    ) then
        begin
            alter table raw.stripe_events add primary key (id);
        exception
            when unique_violation or not_null_violation or invalid_table_definition then
                create unique index stripe_events_unique_ids
                on raw.stripe_events (id) where source is not null;
        end;
    end if;

    create index if not exists stripe_events_arrived_in on raw.stripe_events (arrived_in);
    -- The few rows that are no usable event of live mode; the models name the same condition.
    create index if not exists stripe_events_aside on raw.stripe_events (type)
    where
        id is null
        or type is null
        or created is null
        or not (created >= '2009-01-01 00:00:00+00' and created < '2200-01-01 00:00:00+00')
        or payload is null
        or quarantine_reason is not null
        or livemode is not true;
    drop index if exists raw.stripe_events_set_aside; -- the one before, of another condition
end
$migration$;

-- Tells whether an event says something else than the one that has its id. Two deliveries of one
-- event may differ in spacing, in the order of keys and in what is about the delivery
-- (pending_webhooks, request); they agree if type, created and all else that both have do. It reads
-- in its owner's name, so that the receiver, which may read nothing but ids, can ask.
create or replace function raw.stripe_event_differs(
    id text, type text, created timestamptz, body_sha256 bytea, payload jsonb
) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $function$
    select not exists (
        select from raw.stripe_events as standing
        where
            standing.id = stripe_event_differs.id
            and (
                standing.body_sha256 = stripe_event_differs.body_sha256
                or (
                    standing.type is not distinct from stripe_event_differs.type
                    and standing.created is not distinct from stripe_event_differs.created
                    and (standing.payload || stripe_event_differs.payload)
                    - '{pending_webhooks,request}'::text[]
                    = (stripe_event_differs.payload || standing.payload)
                    - '{pending_webhooks,request}'::text[]
                )
            )
    )
$function$;

create table if not exists raw.stripe_pulls (
    api_key_sha256 text not null,
    since timestamptz not null,
    until timestamptz not null,
    with_objects boolean not null,
    finished_at timestamptz not null default now()
);

comment on table raw.stripe_pulls is
'What `dogdb pull` has fetched whole: one row a window, per API key (a digest of it).';

"""The table of raw events, `raw.stripe_events`: made or brought up to date by each command."""

from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

from dogdb import database
from dogdb.errors import Failure

MIGRATION = Path(__file__).with_name("schema.sql")

LOCK = 0x646F676462  # "dogdb"
"""The advisory lock that lets one migration run at a time."""

MISSING = """
with wanted (name, type) as (
    values
    ('id', 'text'), ('type', 'text'), ('created', 'timestamp with time zone'),
    ('livemode', 'boolean'), ('api_version', 'text'), ('payload', 'jsonb'),
    ('received_at', 'timestamp with time zone'), ('account', 'text'), ('source', 'text'),
    ('body', 'bytea'), ('body_sha256', 'bytea'), ('quarantine_reason', 'text'),
    ('origin', 'text'), ('arrived_in', 'xid8')
),
relations as (
    select pg_class.oid, pg_class.relname, pg_class.relkind
    from pg_class
    inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
    where pg_namespace.nspname = 'raw'
),
events as (select oid from relations where relname = 'stripe_events' and relkind in ('r', 'p'))
select 'table raw.stripe_events' where not exists (select from events)
union all
select 'column ' || wanted.name || ' ' || wanted.type
from wanted
where not exists (
    select from events
    inner join pg_attribute on events.oid = pg_attribute.attrelid
    where
        pg_attribute.attname = wanted.name
        and replace(format_type(pg_attribute.atttypid, null), 'character varying', 'text')
        = wanted.type
        and not pg_attribute.attisdropped
)
union all
select 'index on ' || keys.name || case when keys.is_unique then ' (unique)' else '' end
from (values ('id', true), ('arrived_in', false)) as keys (name, is_unique)
where not exists (
    select from events
    inner join pg_index on events.oid = pg_index.indrelid
    where
        pg_index.indisvalid
        and pg_index.indisunique >= keys.is_unique
        and pg_index.indnkeyatts = 1
        and pg_get_indexdef(pg_index.indexrelid, 1, true) = keys.name
)
union all
select 'index stripe_events_aside'
where not exists (select from relations where relname = 'stripe_events_aside' and relkind = 'i')
union all
select 'function raw.stripe_event_differs'
where not exists (
    select from pg_proc
    inner join pg_namespace on pg_proc.pronamespace = pg_namespace.oid
    where pg_namespace.nspname = 'raw' and pg_proc.proname = 'stripe_event_differs'
        and pg_proc.prosrc like '%{pending_webhooks,request}%' -- else an older one
)
union all
select 'table raw.stripe_pulls'
where not exists (select from relations where relname = 'stripe_pulls')
"""
"""What the table lacks, one line each; needs no rights but the catalog's."""


def missing(connection: connection) -> list[str]:
    """Return what `raw.stripe_events` and its kin lack, one line each."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING)
        return [line for (line,) in cursor.fetchall()]


def ensure(connection: connection) -> None:
    """Make `raw.stripe_events`, or bring an older one up to date; commits.

    Looks first, so that a role which may only insert passes where nothing is to be done. Safe when
    several commands run it at once. No row is changed or rewritten.

    Raises:
        Failure: where the table can't be brought up to date, with what it lacks.
    """
    try:
        if not missing(connection):
            return
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute(MIGRATION.read_text())
        lacking, reason = missing(connection), "the migration does not reach it"
        if not lacking:
            connection.commit()
            return
    except psycopg2.errors.InsufficientPrivilege as error:
        connection.rollback()
        lacking, reason = (
            missing(connection),
            f"{_first_line(error)}; `dogdb load /dev/null` as owner",
        )
    except psycopg2.ProgrammingError as error:
        connection.rollback()
        lacking, reason = missing(connection), _first_line(error)
    finally:
        connection.rollback()
    raise Failure(f"raw.stripe_events lacks {', '.join(lacking)} ({reason})")


def _first_line(error: psycopg2.Error) -> str:
    return str(error).splitlines()[0]


def ensure_now() -> None:
    """Do the same over a connection of its own, as the commands open it."""
    connection = database.connect()
    try:
        ensure(connection)
    finally:
        connection.close()

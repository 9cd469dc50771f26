"""Raw tables that others made, what arrives in them, and builds of what depends on them."""

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from psycopg2.extras import execute_values

from conftest import NO_UNIT_TESTS, Warehouse
from dogdb.bench import NO_TESTS
from odd.arrivals import Event, arrivals_of
from odd.differences import differing
from odd.money import Rates

EVENTS = (
    "create table raw.stripe_events (id text, type text, created timestamptz, livemode boolean,"
    " api_version text, payload jsonb)"
)
"""No key, nothing that tells when a row came: of two contents that which lies first counts."""

MISPLACED = """
with contents as (
    select id, ctid as place, payload #> '{data,object,forged}' is not null as is_forged
    from raw.stripe_events
    where id = any(%s)
),
firsts as (
    select distinct on (id) place, is_forged
    from contents
    order by id, place
)
delete from raw.stripe_events using firsts where ctid = place and is_forged returning id
"""
"""What is forged and came to lie first, where earlier rows had left room."""


def live(
    warehouse: Warehouse,
    accounts: Iterable[tuple[int, str]],
    rates: Rates,
    events: list[Event],
    *,
    seed: int,
    now: int,
    by_command: bool,
) -> list[str]:
    """Let a company's events arrive and build; what is refused and should not be, or not.

    They come in two halves with a build after each; or, by the command, at once.
    """
    arrivals, forged = arrivals_of(events, seed)
    half = len(arrivals) // 2
    _make_tables(warehouse, accounts, rates)
    if by_command:
        _load(warehouse, arrivals)
    else:
        warehouse.query(EVENTS)
        forged -= _insert(warehouse, arrivals[:half], forged)
        _build(warehouse, now, NO_TESTS)
        forged -= _insert(warehouse, arrivals[half:], forged)
    _build(warehouse, now, NO_UNIT_TESTS)
    refused = warehouse.query("select split_part(record_key, '#', 1) from core.rejected_records")
    return differing(
        "rejected_records", dict.fromkeys(((i,) for i in forged), 1), dict.fromkeys(refused, 1)
    )


def _make_tables(warehouse: Warehouse, accounts: Iterable[tuple[int, str]], rates: Rates) -> None:
    warehouse.query(
        "create schema raw; create table raw.customer_accounts (account_id numeric, email text,"
        " current_tier text, created_at timestamp, updated_at timestamp);"
        " create table raw.fx_rates (month date, currency text, rate_to_usd numeric)"
    )
    session = warehouse.connect()
    with session, session.cursor() as cursor:
        rows = [(account, email, "Free", "2019-01-01") for account, email in accounts]
        execute_values(cursor, "insert into raw.customer_accounts values %s", rows)
        rows = [(month, currency, str(float(rate))) for (currency, month), rate in rates.items()]
        execute_values(cursor, "insert into raw.fx_rates values %s", rows)
    session.close()


def _insert(warehouse: Warehouse, events: Iterable[Event], forged: set[str]) -> set[str]:
    """Append events; the ids of what was forged and is not there, as it would have counted."""
    names = ("id", "type", "created", "livemode", "api_version")
    rows = [(*(event[name] for name in names), json.dumps(event)) for event in events]
    session = warehouse.connect()
    with session, session.cursor() as cursor:
        execute_values(
            cursor,
            "insert into raw.stripe_events values %s",
            rows,
            template="(%s, %s, to_timestamp(%s), %s, %s, %s)",
            page_size=500,
        )
        cursor.execute(MISPLACED, [list(forged)])
        misplaced = {id_ for (id_,) in cursor.fetchall()}
    session.close()
    return misplaced


def _load(warehouse: Warehouse, events: Iterable[Event]) -> None:
    """Let the project's own command load them."""
    subprocess.run(
        [Path(sys.executable).with_name("dogdb"), "load", "-"],
        env=warehouse.environ,
        input="".join(json.dumps(event) + "\n" for event in events),
        capture_output=True,
        text=True,
        check=True,
    )


def _build(warehouse: Warehouse, now: int, excluded: Iterable[str]) -> None:
    """Build everything, but for what options exclude, as of an instant."""
    variables = json.dumps({"now": f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%S}"})
    warehouse.dbt("build", "--quiet", *excluded, vars=variables)

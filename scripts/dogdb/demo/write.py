"""The rim: a made company goes into schema `raw` and into files.

Everything is written in one transaction, and `raw.demo_company` remembers it: the arguments, how
many rows went where, and the transaction that wrote them. A row is the demo's own where that
transaction wrote it last (`xmin`); all others are somebody else's and never touched. So:

- the same company again changes nothing;
- another one, or one beside somebody else's rows, is refused;
- with `replace` the demo's own rows give way to the new company's, with what builds have noted of
  them, and others stay beside them.
"""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from psycopg2 import sql
from psycopg2.extensions import connection, cursor

from dogdb.demo.company import Company
from dogdb.demo.produce import Piece, Wanted, pieces
from dogdb.demo.tables import (
    COPY_END,
    COPY_HEADER,
    EVENT_COLUMNS,
    EVENTS,
    TABLES,
    columns_of,
)
from dogdb.demo.totals import Totals, total_records
from dogdb.demo.truth import lines
from dogdb.errors import Failure
from dogdb.events import schema

ALL_TABLES = (*TABLES, EVENTS)
SEEN = {
    "account_tiers_seen": ("account_id", "customer_accounts", "account_id"),
    "plan_prices_seen": ("pricing_plan_id", "customer_pricing_plans", "id"),
}
"""dbt's snapshots: what of a raw table's key they keep, in which of their columns."""

MARKER_DDL = """
create table if not exists raw.demo_company (
    is_only boolean primary key default true check (is_only),
    arguments jsonb not null,
    counts jsonb not null,
    made_in text not null default pg_current_xact_id()::xid::text
)
"""


@dataclass(slots=True)
class Made:
    """What came of it: events (each once), deliveries, events by type, rows by table."""

    events: int = 0
    deliveries: int = 0
    types: Counter[str] = field(default_factory=Counter)
    counts: dict[str, int] = field(default_factory=dict)
    is_new: bool = True


def arguments_of(company: Company) -> dict[str, object]:
    """Return what a company is known by."""
    return asdict(company) | {"end": company.end.isoformat()}


def ensure_tables(server: cursor) -> None:
    """Create what is missing of schema `raw` beside the events' table."""
    server.execute("create schema if not exists raw")
    for table, columns in TABLES.items():
        server.execute(f"create table if not exists raw.{table} ({columns})")
    server.execute(MARKER_DDL)


class Chunks(io.RawIOBase):
    """A file to read from, made of chunks as they come."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:
        """Fill a buffer with what comes next; 0 at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _rows(server: cursor, table: str, condition: str, *values: object) -> int:
    query = sql.SQL("select count(*) from raw.{} where {}").format(
        sql.Identifier(table), sql.SQL(condition)
    )
    server.execute(query, values)
    return server.fetchone()[0]


def _make_room(server: cursor, company: Company, replace: bool) -> bool:
    """Return whether there is something to write, after taking the demo's own rows away.

    Raises:
        Failure: where other rows stand in the way and `replace` was not asked for.
    """
    server.execute("select arguments, counts, made_in from raw.demo_company")
    there = server.fetchone()
    made_in = there[2] if there else ""
    own = {table: _rows(server, table, "xmin::text = %s", made_in) for table in ALL_TABLES}
    is_whole = there is not None and there[1] == own
    if there and there[0] == arguments_of(company) and is_whole:
        return False
    if not replace:
        for table in ALL_TABLES:
            foreign = _rows(server, table, "xmin::text <> %s", made_in)
            if foreign:
                raise Failure(
                    f"raw.{table} has rows that the demo did not make ({foreign}); "
                    "--replace keeps them and writes the made company beside them"
                )
        if there:
            known = ", ".join(f"{name} {value}" for name, value in sorted(there[0].items()))
            what = "is there" if is_whole else "is there, changed since"
            raise Failure(f"another made company ({known}) {what}; --replace puts this one in")
    _let_read_anew(server, made_in)
    for table in ALL_TABLES:
        if own[table]:
            name = sql.Identifier(table)
            query = sql.SQL("delete from raw.{} where xmin::text = %s").format(name)
            server.execute(query, [made_in])
    server.execute("delete from raw.demo_company")
    return True


def _is_there(server: cursor, relation: str) -> bool:
    server.execute("select to_regclass(%s) is not null", [relation])
    return server.fetchone()[0]


def _let_read_anew(server: cursor, made_in: str) -> None:
    """Let the next build read every row, and forget what was seen of the demo's own.

    Else it would keep what earlier ones made of rows that go now.
    """
    if _is_there(server, "utilities.reads"):
        server.execute("delete from utilities.reads")
    for snapshot, (column, table, key) in SEEN.items():
        if _is_there(server, f"snapshots.{snapshot}"):
            query = """
                delete from snapshots.{snapshot} where {column} in (
                    select {key} from raw.{table}
                    group by {key} having bool_and(xmin::text = %s)
                )
            """
            names = {"snapshot": snapshot, "column": column, "table": table, "key": key}
            named = {name: sql.Identifier(value) for name, value in names.items()}
            server.execute(sql.SQL(query).format(**named), [made_in])


def _copy(server: cursor, statement: str, chunks: Iterator[bytes]) -> None:
    server.copy_expert(statement, io.BufferedReader(Chunks(chunks), 1 << 20), size=1 << 18)


def to_files(
    company: Company,
    found: Iterator[Piece],
    made: Made,
    truth: BinaryIO | None,
    jsonl: BinaryIO | None,
) -> Iterator[Piece]:
    """Pass pieces on, and write their truth and their JSON lines on the way, the totals last."""
    totals: Totals = Counter()
    for piece in found:
        if truth:
            truth.write(piece.truth.encode())
            totals.update(piece.totals)
        if jsonl:
            jsonl.write(piece.jsonl)
        made.events += piece.events
        made.deliveries += piece.deliveries
        made.types += piece.types
        yield piece
    if truth:
        truth.write(lines(total_records(company, totals)).encode())


def to_database(server: connection, company: Company, found: Iterator[Piece], made: Made) -> None:
    """Write pieces into schema `raw` and remember it; the caller commits."""
    tables: dict[str, list[str]] = {table: [] for table in TABLES}

    def events() -> Iterator[bytes]:
        yield COPY_HEADER
        for piece in found:
            for table, text in piece.tables.items():
                tables[table].append(text)
            yield piece.rows
        yield COPY_END

    with server.cursor() as cursor:
        target = f"raw.{EVENTS} ({EVENT_COLUMNS})"
        _copy(cursor, f"copy {target} from stdin (format binary)", events())
        made.counts[EVENTS] = cursor.rowcount
        for table, parts in tables.items():
            target = f"raw.{table} ({columns_of(table)})"
            _copy(cursor, f"copy {target} from stdin", (part.encode() for part in parts))
            made.counts[table] = cursor.rowcount
        values = [json.dumps(arguments_of(company)), json.dumps(made.counts)]
        cursor.execute("insert into raw.demo_company (arguments, counts) values (%s, %s)", values)


def make(
    company: Company,
    server: connection | None,
    truth: Path | None = None,
    jsonl: Path | None = None,
    replace: bool = False,
    progress: Callable[[Iterator[Piece]], Iterator[Piece]] = iter,
) -> Made:
    """Make a company: rows where a server is given, and the files that are named.

    Args:
        company: what to make.
        server: a connection; its transaction is committed here.
        truth: a file for what is true, as JSON lines.
        jsonl: a file for the events as delivered, repeated ones included.
        replace: see this module's first lines.
        progress: sees every piece pass.

    Raises:
        Failure: where `raw` holds something else.
    """
    made = Made()
    with ExitStack() as stack:
        if server is not None:
            schema.ensure(server)
            cursor = stack.enter_context(server.cursor())
            cursor.execute("select pg_advisory_xact_lock(hashtext('dogdb demo'))")
            ensure_tables(cursor)
            if not _make_room(cursor, company, replace):
                made.is_new = False
                server.rollback()
                server = None
        if server is None and truth is None and jsonl is None:
            return made
        wanted = Wanted(server is not None, jsonl is not None, truth is not None)
        files = [stack.enter_context(path.open("wb")) if path else None for path in (truth, jsonl)]
        found = to_files(company, progress(pieces(company, wanted)), made, *files)
        if server is None:
            for _ in found:
                pass
        else:
            to_database(server, company, found, made)
            server.commit()
    return made

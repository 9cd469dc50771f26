"""Group commit: many requests wait for one transaction.

Events go onto a bounded queue; a writer takes all that wait, inserts them in one statement and
tells each request what became of its event, after the commit and never before.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import asyncpg

from dogdb import database
from dogdb.errors import Failure
from dogdb.events import schema
from dogdb.events.metrics import Metrics
from dogdb.events.parse import Event
from dogdb.events.store import COLUMNS, CONFLICT

MAX_GROUP_EVENTS, MAX_GROUP_BYTES = 500, 8_000_000
CONNECT_SECONDS, STATEMENT_SECONDS = 5, 10

STORED, DUPLICATE, CONFLICTING, QUARANTINED = "stored", "duplicate", "conflict", "quarantined"
REFUSED = "refused"

_NEW = """
from unnest(
    $1::text[], $2::text[], $3::timestamptz[], $4::boolean[], $5::text[], $6::boolean[],
    $7::text[], $8::bytea[], $9::bytea[], $10::text[]
) as new (
    id, type, created, livemode, api_version, is_json, account, body, body_sha256,
    quarantine_reason
)
"""
_PAYLOAD = "case when is_json then convert_from(body, 'UTF8')::jsonb end"
INSERT = f"""
insert into raw.stripe_events ({COLUMNS})
select
    id, type, created, livemode, api_version, {_PAYLOAD}, account, body, body_sha256,
    quarantine_reason, 'webhook', null
{_NEW}
on conflict do nothing
returning id
"""
INSERT_CONFLICTS = f"""
insert into raw.stripe_events ({COLUMNS})
select
    id || '#' || encode(body_sha256, 'hex'), type, created, livemode, api_version, {_PAYLOAD},
    account, body, body_sha256, '{CONFLICT}', 'webhook', null
{_NEW}
where raw.stripe_event_differs(id, type, created, body_sha256, {_PAYLOAD})
on conflict do nothing
returning id
"""

UNSTORABLE = (asyncpg.DataError, asyncpg.ProgramLimitExceededError)
"""What PostgreSQL raises where a value of a row can't be stored."""

NO_ROWS_FAULT = ("08", "25", "3F", "42703", "42883", "42P01", "53", "55", "57", "58")
"""How the SQLSTATEs begin (PostgreSQL's manual, appendix A) that blame no row: connection,
resources, an operator, the state or the system of the server, and a table that is gone."""

log = logging.getLogger("dogdb.serve")


class UnavailableError(Exception):
    """Nothing can be stored now; the message says why."""


class Waiting(NamedTuple):
    """An event that waits to be stored, and the request that waits for it."""

    event: Event
    outcome: asyncio.Future[str]


async def connect(synchronous_commit: bool = True) -> asyncpg.Connection:
    """Open the receiver's connection to the server in use.

    Args:
        synchronous_commit: let commits wait for the disk. Anything else loses acknowledged events
            in a crash; it is there to show that the crash test would notice.
    """
    settings = database.environment()
    connection = await asyncpg.connect(
        host=settings["PGHOST"],
        port=settings.get("PGPORT", "5432"),
        user=settings.get("PGUSER", database.NAME),
        password=settings.get("PGPASSWORD") or None,
        database=settings.get("PGDATABASE", database.NAME),
        ssl=settings.get("PGSSLMODE"),
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS,
        server_settings={"application_name": "dogdb serve", "timezone": "UTC"},
    )
    await connection.execute(f"set synchronous_commit = {'on' if synchronous_commit else 'off'}")
    return connection


async def _aside(work: Callable[[], None], seconds: float) -> None:
    """Run blocking work in a thread that nobody waits for: not the end of the process either.

    Raises:
        TimeoutError: where it takes longer; and whatever it raises itself.
    """
    done: Future[None] = Future()
    done.set_running_or_notify_cancel()

    def run() -> None:
        try:
            work()
        except BaseException as error:
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=run, daemon=True).start()
    await asyncio.wait_for(asyncio.wrap_future(done), seconds)


def _columns(group: Sequence[Waiting]) -> list[list]:
    """Turn events into one list a column, in the order of `_NEW`."""
    return [list(column) for column in zip(*(waiting.event for waiting in group), strict=True)]


def _quarantined(waiting: Waiting, error: asyncpg.PostgresError) -> Waiting:
    reason = f"PostgreSQL refuses it as jsonb ({error.sqlstate})"
    return waiting._replace(event=waiting.event._replace(is_json=False, quarantine_reason=reason))


async def _insert(
    connection: asyncpg.Connection, statement: str, group: Sequence[Waiting], refused: set[str]
) -> set[str]:
    """Insert rows and return the ids stored.

    A row that PostgreSQL can't store as it is, is quarantined; the id of one that it refuses for
    another reason (a constraint, a trigger) is added to `refused`.
    """
    if not group:
        return set()
    try:
        rows = await connection.fetch(statement, *_columns(group))
    except asyncpg.PostgresError as error:
        if (error.sqlstate or "").startswith(NO_ROWS_FAULT):
            raise
        middle = len(group) // 2
        if middle:
            first = await _insert(connection, statement, group[:middle], refused)
            return first | await _insert(connection, statement, group[middle:], refused)
        event = group[0].event
        if event.is_json and isinstance(error, UNSTORABLE):
            quarantined = _quarantined(group[0], error)
            return await _insert(connection, statement, [quarantined], refused)
        # No message: PostgreSQL's may quote the row.
        fields = {"id": event.id, "type": event.type, "code": error.sqlstate}
        log.error("PostgreSQL refuses an event", extra={"fields": fields})
        refused.add(event.id)
        return set()
    return {row["id"] for row in rows}


async def store(connection: asyncpg.Connection, group: Sequence[Waiting]) -> list[str]:
    """Store a group of events and commit.

    Args:
        connection: one that needs to insert and to read ids only.
        group: what waits.

    Returns:
        What became of each: stored, duplicate, conflict, quarantined or, not stored, refused.
    """
    refused: set[str] = set()
    first: dict[str, Waiting] = {}
    for waiting in group:
        first.setdefault(waiting.event.id, waiting)
    stored = await _insert(connection, INSERT, [first[key] for key in sorted(first)], refused)
    doubtful = {
        (waiting.event.id, waiting.event.body_sha256): waiting
        for waiting in group
        if (
            waiting.event.id not in stored
            or waiting.event.body_sha256 != first[waiting.event.id].event.body_sha256
        )
        and waiting.event.id not in refused
    }
    conflicts = await _insert(
        connection, INSERT_CONFLICTS, [doubtful[key] for key in sorted(doubtful)], refused
    )

    def outcome(waiting: Waiting) -> str:
        event = waiting.event
        if event.id in stored and first[event.id] is waiting:
            return STORED if event.quarantine_reason is None else QUARANTINED
        if f"{event.id}#{event.body_sha256.hex()}" in conflicts:
            return CONFLICTING
        return REFUSED if event.id in refused else DUPLICATE

    return [outcome(waiting) for waiting in group]


@dataclass
class Writer:
    """The queue of events and the task that stores them.

    Attributes:
        metrics: where groups and outcomes are counted.
        max_events: how many events may wait.
        max_bytes: how many bytes of bodies may wait.
        synchronous_commit: see `connect`.
    """

    metrics: Metrics
    max_events: int = 2_000
    max_bytes: int = 64_000_000
    synchronous_commit: bool = True
    _queue: asyncio.Queue[Waiting | asyncio.Future] = field(default_factory=asyncio.Queue)
    _bytes: int = 0
    _ping: asyncio.Future | None = None  # while it is on the queue
    _connection: asyncpg.Connection | None = None
    _has_schema: bool = False
    _is_away: bool = False

    @property
    def waiting(self) -> int:
        """How many events wait."""
        return self._queue.qsize() - (self._ping is not None)

    @property
    def is_full(self) -> bool:
        """Whether no more events are taken now."""
        return self.waiting >= self.max_events or self._bytes >= self.max_bytes

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection that is not known to be dead."""
        return self._connection is not None and not self._connection.is_closed()

    def submit(self, event: Event) -> asyncio.Future[str]:
        """Queue an event. The future gives what became of it, after the commit.

        Raises:
            UnavailableError: where the queue is full; the future raises it where the database
                can't be written to, or refuses this event.
        """
        if self.is_full:
            raise UnavailableError("the queue is full")
        outcome = asyncio.get_running_loop().create_future()
        self._bytes += len(event.body)
        self._queue.put_nowait(Waiting(event, outcome))
        return outcome

    async def ping(self) -> None:
        """Ask the database for a sign of life, behind what waits already; many share one question.

        Raises:
            UnavailableError: where there is none.
        """
        if self._ping is None:
            self._ping = asyncio.get_running_loop().create_future()
            self._queue.put_nowait(self._ping)
        await asyncio.shield(self._ping)

    async def run(self) -> None:
        """Store what is queued until cancelled."""
        while True:
            await self._work(await self._next_group())

    async def close(self) -> None:
        """Store what is still queued, and close the connection."""
        while not self._queue.empty():
            await self._work(await self._next_group())
        if self._connection is not None:
            with suppress(OSError):  # a server that says nothing; all is stored by now
                await self._connection.close(timeout=CONNECT_SECONDS)

    async def _next_group(self) -> list[Waiting | asyncio.Future]:
        """Wait for an item, and take all that are there, up to a group's size."""
        group = [await self._queue.get()]
        size = 0
        while not self._queue.empty() and len(group) < MAX_GROUP_EVENTS and size < MAX_GROUP_BYTES:
            item = self._queue.get_nowait()
            size += len(item.event.body) if isinstance(item, Waiting) else 0
            group.append(item)
        if self._ping is not None and self._ping in group:
            self._ping = None
        return group

    async def _work(self, items: list[Waiting | asyncio.Future]) -> None:
        """Store a group; try once more over a new connection where the old one was lost."""
        group = [item for item in items if isinstance(item, Waiting)]
        pings = [item for item in items if not isinstance(item, Waiting)]
        self._bytes -= sum(len(waiting.event.body) for waiting in group)
        had_connection = self.is_connected
        try:
            try:
                outcomes = await self._store(group)
            except Exception:
                if not had_connection:
                    raise
                self._disconnect()
                outcomes = await self._store(group)
        except BaseException as error:  # whatever it is, nobody may be left waiting
            self._disconnect()
            self._fail(items, error)
            if isinstance(error, Exception):
                return
            raise
        if self._is_away:
            self._is_away = False
            log.info("database is back")
        self.metrics.groups += bool(group)
        for waiting, outcome in zip(group, outcomes, strict=True):
            self.metrics.events[outcome] += 1
            if waiting.outcome.done():
                continue
            if outcome == REFUSED:
                waiting.outcome.set_exception(UnavailableError("the database refuses the event"))
            else:
                waiting.outcome.set_result(outcome)
        for answer in pings:
            if not answer.done():
                answer.set_result(None)

    async def _store(self, group: list[Waiting]) -> list[str]:
        if not self._has_schema:
            await _aside(schema.ensure_now, STATEMENT_SECONDS)
            self._has_schema = True
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self.synchronous_commit)
        if group:
            return await store(self._connection, group)
        await self._connection.execute("select")
        return []

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
        self._has_schema = False  # it may be another database, or without its table

    def _fail(self, items: list[Waiting | asyncio.Future], error: BaseException) -> None:
        """Tell all that wait, in this group and behind it, that the database is away."""
        if not self._is_away:
            self._is_away = True
            # No messages: PostgreSQL's may quote the row.
            fields = {"error": type(error).__name__, "code": getattr(error, "sqlstate", None)}
            if isinstance(error, Failure):
                fields["detail"] = error.message
            log.error("database is away", extra={"fields": fields})
        while not self._queue.empty():
            items.append(self._queue.get_nowait())
        self._bytes, self._ping = 0, None
        for item in items:
            future = item.outcome if isinstance(item, Waiting) else item
            if not future.done():
                future.set_exception(UnavailableError("the database is away"))

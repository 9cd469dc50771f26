"""Events into `raw.stripe_events`, at nearly the speed of a plain COPY.

What is new goes straight into the table by binary COPY, in batches; a batch is one transaction, so
an interrupted load is resumed by running it again. Another process parses the next batches while
PostgreSQL takes the last one.
"""

import io
import itertools
import os
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import NamedTuple

from psycopg2 import errors
from psycopg2.extensions import connection, cursor

from dogdb.events.parse import Event, parse
from dogdb.processes import end_with

BATCH_ROWS, BATCH_BYTES, BATCHES_AHEAD = 2_000, 16_000_000, 2

CONFLICT = "the id came before with another body"
COLUMNS = (
    "id, type, created, livemode, api_version, payload, account, body, body_sha256,"
    " quarantine_reason, source, origin"
)
REFUSED = (errors.DataError, errors.ProgramLimitExceeded, errors.StatementTooComplex)
"""What PostgreSQL raises where a value of a row can't be stored."""

_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = struct.pack(">h", -1)
_FIELDS = struct.Struct(">h").pack(COLUMNS.count(",") + 1)
_NULL = struct.pack(">i", -1)
_length = struct.Struct(">i").pack
_instant = struct.Struct(">iq").pack
_EPOCH, _MICROSECOND = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)

_PENDING = f"""
create temporary table stripe_events_pending on commit drop as
select {COLUMNS} from raw.stripe_events with no data
"""  # noqa: S608 - constants
_CONFLICTS = f"""
insert into raw.stripe_events ({COLUMNS})
select
    id || '#' || encode(body_sha256, 'hex'), type, created, livemode, api_version, payload,
    account, body, body_sha256, '{CONFLICT}', source, origin
from stripe_events_pending
where raw.stripe_event_differs(id, type, created, body_sha256, payload)
on conflict do nothing
"""  # noqa: S608 - constants


Chunk = Iterable[tuple[bytes, str | None]]
"""Bodies, each with where it was found."""


@dataclass(frozen=True)
class Counts:
    """What became of the bodies that were read; the last four add up to the first."""

    read: int = 0
    new: int = 0
    duplicates: int = 0
    conflicts: int = 0
    quarantined: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        return (
            f"read {self.read}, new {self.new}, duplicates {self.duplicates},"
            f" conflicts {self.conflicts}, quarantined {self.quarantined}"
        )


class Arrival(NamedTuple):
    """An event, where it was found (file and line, request), and its row in COPY's format."""

    event: Event
    origin: str | None
    row: bytes


def _field(value: bytes) -> bytes:
    return _length(len(value)) + value


def _text_field(value: str | None) -> bytes:
    return _NULL if value is None else _field(value.encode(errors="replace"))


def _encoded(event: Event, source: str, origin: str | None) -> bytes:
    """Return a row in COPY's binary format (PostgreSQL's manual, COPY, "Binary Format")."""
    created = _NULL
    if event.created is not None:
        created = _instant(8, (event.created - _EPOCH) // _MICROSECOND)
    size = len(event.body)
    return b"".join(
        (
            _FIELDS,
            _text_field(event.id),
            _text_field(event.type),
            created,
            _NULL if event.livemode is None else _field(b"\1" if event.livemode else b"\0"),
            _text_field(event.api_version),
            # jsonb's binary form: its version, 1, and the text. The digits stay as they came.
            _length(size + 1) + b"\1" + event.body if event.is_json else _NULL,
            _text_field(event.account),
            _length(size),
            event.body,
            _field(event.body_sha256),
            _text_field(event.quarantine_reason),
            _text_field(source),
            _text_field(origin),
        )
    )


def _arrival(event: Event, source: str, origin: str | None) -> Arrival:
    return Arrival(event, origin, _encoded(event, source, origin))


def _copy_data(arrivals: Iterable[Arrival]) -> bytes:
    return b"".join((_COPY_HEADER, *(arrival.row for arrival in arrivals), _COPY_TRAILER))


def _copy(cursor: cursor, table: str, data: bytes) -> None:
    """COPY rows into a table that has the columns of `raw.stripe_events`."""
    command = f"copy {table} ({COLUMNS}) from stdin (format binary)"
    cursor.copy_expert(command, io.BytesIO(data), len(data))


def _count_bad(arrivals: Iterable[Arrival]) -> int:
    return sum(arrival.event.quarantine_reason is not None for arrival in arrivals)


def _known(cursor: cursor, ids: list[str]) -> dict[str, bytes | None]:
    """Return the digests of the bodies that stand under ids; None where it is not known."""
    cursor.execute("select id, body_sha256 from raw.stripe_events where id = any(%s)", [ids])
    return {key: digest and bytes(digest) for key, digest in cursor}


def _insert(cursor: cursor, arrivals: Sequence[Arrival]) -> int:
    """Insert what is new, by way of a temporary table. Returns the number of rows stored."""
    _copy_to_pending(cursor, arrivals)
    cursor.execute(
        f"insert into raw.stripe_events ({COLUMNS}) select {COLUMNS} from stripe_events_pending"  # noqa: S608
        " on conflict do nothing"
    )
    return cursor.rowcount


def _copy_to_pending(cursor: cursor, arrivals: Sequence[Arrival]) -> None:
    cursor.execute("drop table if exists pg_temp.stripe_events_pending")
    cursor.execute(_PENDING)
    _copy(cursor, "stripe_events_pending", _copy_data(arrivals))


def _store(connection: connection, arrivals: Sequence[Arrival], alone: bool = True) -> Counts:
    """Store a batch in one transaction.

    It expects to be alone in storing these events (`alone`); where it is not, it starts over on a
    slower way that tolerates concurrent writers.

    Raises:
        psycopg2.Error: where the whole batch failed; nothing of it is stored then.
    """
    first: dict[str, Arrival] = {}
    for arrival in arrivals:
        first.setdefault(arrival.event.id, arrival)
    try:
        with connection, connection.cursor() as cursor:
            known = _known(cursor, list(first))
            fresh = [arrival for key, arrival in first.items() if key not in known]
            standing = {key: arrival.event.body_sha256 for key, arrival in first.items()} | known
            doubtful = [
                arrival
                for arrival in arrivals
                if arrival.event.body_sha256 != standing[arrival.event.id]
            ]
            stored = len(fresh)
            if fresh and alone:
                _copy(cursor, "raw.stripe_events", _copy_data(fresh))
            elif fresh:
                stored = _insert(cursor, fresh)
                doubtful += fresh
            conflicts = 0
            if doubtful:
                _copy_to_pending(cursor, doubtful)
                cursor.execute(_CONFLICTS)
                conflicts = cursor.rowcount
    except errors.UniqueViolation:
        if not alone:
            raise
        return _store(connection, arrivals, alone=False)
    bad = min(_count_bad(fresh), stored)
    duplicates = len(arrivals) - stored - conflicts
    return Counts(len(arrivals), stored - bad, duplicates, conflicts, bad)


def _store_all(connection: connection, arrivals: Sequence[Arrival], source: str) -> Counts:
    """Store a batch; where PostgreSQL refuses a row, find it by halving and quarantine it."""
    try:
        return _store(connection, arrivals)
    except REFUSED as error:
        middle = len(arrivals) // 2
        if middle:
            halves = arrivals[:middle], arrivals[middle:]
            return sum((_store_all(connection, half, source) for half in halves), Counts())
        event, origin, _ = arrivals[0]
        if not event.is_json:
            raise
        reason = f"PostgreSQL refuses it as jsonb ({error.pgcode})"
        event = event._replace(is_json=False, quarantine_reason=reason)
        return _store(connection, [_arrival(event, source, origin)])


class Batch(NamedTuple):
    """Parsed bodies, sorted by id: what decides whether they are new, and all rows for COPY."""

    keys: list[tuple[str, bytes]]
    sizes: list[int]
    bad: list[bool]
    data: bytes

    def copy_data(self, places: Sequence[int]) -> bytes:
        """Return the rows at some places, in their order, for COPY."""
        if len(places) == len(self.keys):
            return self.data
        ends = list(itertools.accumulate([len(_COPY_HEADER), *self.sizes]))
        rows = (self.data[ends[place] : ends[place + 1]] for place in places)
        return b"".join((_COPY_HEADER, *rows, _COPY_TRAILER))


def _arrivals(chunk: Chunk, source: str) -> list[Arrival]:
    """Parse bodies and sort them by id: with one order for all writers there are no deadlocks."""
    arrivals = [_arrival(parse(body), source, origin) for body, origin in chunk]
    return sorted(arrivals, key=lambda arrival: arrival.event.id)


def _batch(chunk: Chunk, source: str) -> Batch:
    arrivals = _arrivals(chunk, source)
    return Batch(
        keys=[(arrival.event.id, arrival.event.body_sha256) for arrival in arrivals],
        sizes=[len(arrival.row) for arrival in arrivals],
        bad=[arrival.event.quarantine_reason is not None for arrival in arrivals],
        data=_copy_data(arrivals),
    )


def _store_batch(connection: connection, batch: Batch, chunk: Chunk, source: str) -> Counts:
    """Store what is new of a batch at once; where one id has two contents, event by event."""
    standing = dict(reversed(batch.keys))
    try:
        with connection, connection.cursor() as cursor:
            known = _known(cursor, list(standing))
            standing |= known
            if all(standing[key] == body_sha256 for key, body_sha256 in batch.keys):
                first = {key: place for place, (key, _) in reversed(list(enumerate(batch.keys)))}
                fresh = sorted(place for key, place in first.items() if key not in known)
                if fresh:
                    _copy(cursor, "raw.stripe_events", batch.copy_data(fresh))
                bad, read = sum(batch.bad[place] for place in fresh), len(batch.keys)
                return Counts(read, len(fresh) - bad, read - len(fresh), quarantined=bad)
    except (errors.UniqueViolation, *REFUSED):
        pass
    return _store_all(connection, _arrivals(chunk, source), source)


def _chunks(bodies: Chunk) -> Iterator[Chunk]:
    """Gather bodies in chunks of bounded rows and bytes, also those before an error."""
    chunk, size = [], 0
    try:
        for item in bodies:
            chunk.append(item)
            size += len(item[0])
            if len(chunk) == BATCH_ROWS or size > BATCH_BYTES:
                yield chunk
                chunk, size = [], 0
    except Exception:
        yield chunk
        raise
    yield chunk


def _batches(chunks: Iterator[Chunk], source: str) -> Iterator[tuple[Batch, Chunk]]:
    """Parse chunks in a process of their own, some ahead; a single one right here.

    A thread would not do: while it parses it keeps Python's lock from the one that COPYs, and a
    load takes as long as both, one after the other.
    """
    first, error = next(chunks), None
    if len(first) < BATCH_ROWS:
        yield _batch(first, source), first
        yield from ((_batch(chunk, source), chunk) for chunk in chunks)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(1, context, end_with, (os.getpid(),)) as pool:
        ahead: deque[tuple[Future[Batch], Chunk]] = deque()

        def submit() -> None:
            nonlocal error
            while len(ahead) < BATCHES_AHEAD and error is None:
                try:
                    if (chunk := next(chunks, None)) is None:
                        return
                except Exception as caught:
                    error = caught  # raised when what was read before is stored
                else:
                    ahead.append((pool.submit(_batch, chunk, source), chunk))

        submit()
        yield _batch(first, source), first  # while the process starts
        while ahead:
            future, chunk = ahead.popleft()
            batch = future.result()
            submit()
            yield batch, chunk
    if error is not None:
        raise error


def copy_events(
    connection: connection,
    bodies: Chunk,
    source: str,
    report: Callable[[Counts], None] = lambda _: None,
) -> Counts:
    """Store events; commits after each batch. Storing the same again changes nothing.

    Args:
        connection: to a database whose `raw.stripe_events` is up to date (`schema.ensure`).
        bodies: the exact bytes of each event, and where it was found; read some batches ahead.
            Where there are many, they are parsed by a process that imports the main module
            anew, which so must not act when imported.
        source: how they came: `file`, `api`, `demo`, …
        report: called after each batch with the counts so far.

    Returns:
        How many were read, new, known, in conflict with a known one, and quarantined.

    Raises:
        psycopg2.Error: where the database fails; the batches reported are stored.
    """
    connection.set_client_encoding("UTF8")
    total = Counts()
    for batch, chunk in _batches(_chunks(bodies), source):
        total += _store_batch(connection, batch, chunk, source)
        report(total)
    return total

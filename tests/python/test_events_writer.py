"""The writer alone, without HTTP: what it does to its queue, its groups and its table."""

import asyncio
import json
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

import pytest

from dogdb import database as server
from dogdb.events import schema, writer
from dogdb.events.metrics import Metrics, render
from dogdb.events.parse import parse
from dogdb.events.writer import STORED, UnavailableError, Waiting, Writer, store


def event(number, version="1"):
    body = {"id": f"evt_{number:02}", "type": "t", "created": 1_700_000_000, "api_version": version}
    return parse(json.dumps(body).encode())


@dataclass
class Alone(Writer):
    """A writer that stores nothing, and remembers how many events each group had."""

    metrics: Metrics = field(default_factory=Metrics)
    groups: list[int] = field(default_factory=list)
    is_refused: bool = False

    async def _store(self, group):
        self.groups.append(len(group))
        if self.is_refused:
            raise OSError
        return [STORED] * len(group)


@asynccontextmanager
async def running(working):
    """The writer at work, until the end of a block."""
    task = asyncio.create_task(working.run())
    try:
        yield working
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await working.close()


async def outcomes(futures):
    """What became of events; the reason of those that were not stored."""
    done = await asyncio.gather(*futures, return_exceptions=True)
    return [str(outcome) for outcome in done]


def execute(statement):
    with closing(server.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def ids():
    return [key for (key,) in execute("select id from raw.stripe_events order by id")]


def test_an_event_that_the_table_refuses_is_no_hindrance_to_others(database, caplog):
    async def submit():
        async with running(Writer(Metrics())) as working:
            await working.ping()
            numbers = [*range(30), 7]
            versions = ["bad" if number == 7 else "1" for number in numbers]
            events = map(event, numbers, versions)
            first = [working.submit(one) for one in events]
            behind = [working.submit(event(30)), working.submit(event(7))]
            return await outcomes(first), await outcomes(behind), working.metrics

    schema.ensure_now()
    execute("alter table raw.stripe_events add constraint one check (api_version <> 'bad')")
    first, behind, metrics = asyncio.run(submit())
    reason = "the database refuses the event"
    assert [number for number, outcome in enumerate(first) if outcome == reason] == [7, 30]
    assert set(first) == {"stored", reason}
    assert behind == ["stored", reason]  # the same id with another body may come again, too
    assert ids() == [f"evt_{number:02}" for number in range(31) if number != 7]
    assert metrics.events == {"stored": 30, "refused": 3}
    (record,) = caplog.records
    assert record.fields == {"id": "evt_07", "type": "t", "code": "23514"}


def test_a_table_that_goes_is_made_again(database):
    async def submit():
        async with running(Writer(Metrics())) as working:
            first = await outcomes([working.submit(event(1))])
            execute("drop table raw.stripe_events")
            return first + await outcomes([working.submit(event(2)), working.submit(event(3))])

    assert asyncio.run(submit()) == ["stored"] * 3
    assert ids() == ["evt_02", "evt_03"]


def test_many_questions_for_a_sign_of_life_are_one_and_take_no_place():
    async def ask():
        alone = Alone(max_events=2)
        pings = [asyncio.create_task(alone.ping()) for _ in range(2_100)]
        await asyncio.sleep(0)
        assert (alone.waiting, alone.is_full) == (0, False)
        stored = [alone.submit(event(1)), alone.submit(event(2))]
        with pytest.raises(UnavailableError, match="full"):
            alone.submit(event(3))
        pings[0].cancel()  # its client is gone; the others still want to know
        async with running(alone):
            assert await outcomes(stored) == ["stored"] * 2
            await asyncio.gather(*pings[1:])
            await alone.ping()
        return alone.groups

    assert asyncio.run(ask()) == [2, 0]


def test_events_that_wait_share_a_group():
    async def submit():
        alone = Alone()
        stored = [alone.submit(event(number)) for number in range(1_200)]
        async with running(alone):
            assert await outcomes(stored) == ["stored"] * 1_200
        return alone.groups, alone.metrics.groups

    assert asyncio.run(submit()) == ([500, 500, 200], 3)


def test_a_group_ends_where_its_bytes_are_many(monkeypatch):
    async def submit():
        alone = Alone()
        stored = [alone.submit(event(number)) for number in range(10)]
        async with running(alone):
            await outcomes(stored)
        return alone.groups

    monkeypatch.setattr(writer, "MAX_GROUP_BYTES", 3 * len(event(1).body))
    assert max(asyncio.run(submit())) <= 4


def test_the_queue_is_full_of_bytes_too_until_they_are_stored_or_refused(monkeypatch):
    async def submit(is_refused):
        alone = Alone(max_bytes=3 * len(event(1).body), is_refused=is_refused)
        for _ in range(2):
            waiting = [alone.submit(event(number)) for number in range(3)]
            with pytest.raises(UnavailableError, match="full"):
                alone.submit(event(3))
            async with running(alone):
                await outcomes(waiting)
            assert not alone.is_full

    monkeypatch.setattr(writer, "MAX_GROUP_EVENTS", 1)
    asyncio.run(submit(is_refused=False))
    asyncio.run(submit(is_refused=True))


def test_what_is_queued_at_the_end_is_stored():
    async def submit():
        alone = Alone()
        stored = [alone.submit(event(number)) for number in range(3)]
        await alone.close()
        assert all(outcome.done() for outcome in stored)
        return await outcomes(stored)

    assert asyncio.run(submit()) == ["stored"] * 3


def test_a_server_that_says_nothing_at_the_end_is_no_error():
    class Silent:
        async def close(self, timeout):
            raise TimeoutError

    asyncio.run(Alone(_connection=Silent()).close())


class Table:
    """A connection that notes the ids it is asked to insert and stores none."""

    def __init__(self):
        self.inserted = []

    async def fetch(self, statement, *columns):
        self.inserted.append(columns[0])
        return []


def test_rows_go_in_the_order_of_their_ids():
    """Two receivers that insert the same ids in different orders would wait for each other."""
    table = Table()
    group = [Waiting(event(number), None) for number in (3, 1, 2)]
    asyncio.run(store(table, group))
    assert table.inserted == [["evt_01", "evt_02", "evt_03"]] * 2


def test_each_bound_of_the_histogram_counts_all_below_it():
    metrics = Metrics()
    for seconds in (0.001, 0.005, 0.2, 60):
        metrics.observe(seconds)
    lines = render(metrics, waiting=0, is_connected=True).splitlines()
    buckets = dict(line.split() for line in lines if "seconds_bucket" in line)
    counts = [2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4]
    assert list(buckets.values()) == [str(count) for count in counts]
    assert list(buckets)[-1] == 'dogdb_webhook_seconds_bucket{le="+Inf"}'
    assert "dogdb_webhook_seconds_count 4" in lines

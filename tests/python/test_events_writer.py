"""The writer alone, without HTTP: what it does to its queue, its groups and its table."""

import asyncio
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

import pytest

from dogdb import database as server
from dogdb.events import schema
from dogdb.events.metrics import Metrics
from dogdb.events.parse import parse
from dogdb.events.writer import STORED, UnavailableError, Writer


def event(number, **more):
    fields = "".join(f', "{key}": "{value}"' for key, value in more.items())
    body = f'{{"id": "evt_{number:02}", "type": "t", "created": 1700000000{fields}}}'
    return parse(body.encode())


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
async def running(writer):
    """The writer at work, until the end of a block."""
    task = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await writer.close()


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
        async with running(Writer(Metrics())) as writer:
            await writer.ping()
            ids = [*range(30), 7]
            events = [event(number, api_version="bad" if number == 7 else "1") for number in ids]
            first = [writer.submit(one) for one in events]
            behind = [writer.submit(event(30)), writer.submit(event(7, type="u"))]
            return await outcomes(first), await outcomes(behind), writer.metrics

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
        async with running(Writer(Metrics())) as writer:
            first = await outcomes([writer.submit(event(1))])
            execute("drop table raw.stripe_events")
            return first + await outcomes([writer.submit(event(2)), writer.submit(event(3))])

    assert asyncio.run(submit()) == ["stored"] * 3
    assert ids() == ["evt_02", "evt_03"]


def test_many_questions_for_a_sign_of_life_are_one_and_take_no_place():
    async def ask():
        writer = Alone(max_events=2)
        pings = [asyncio.create_task(writer.ping()) for _ in range(2_100)]
        await asyncio.sleep(0)
        assert (writer.waiting, writer.is_full) == (0, False)
        stored = [writer.submit(event(1)), writer.submit(event(2))]
        with pytest.raises(UnavailableError, match="full"):
            writer.submit(event(3))
        pings[0].cancel()  # its client is gone; the others still want to know
        async with running(writer):
            assert await outcomes(stored) == ["stored"] * 2
            await asyncio.gather(*pings[1:])
            await writer.ping()
        return writer.groups

    assert asyncio.run(ask()) == [2, 0]

"""Nothing that was acknowledged is lost, whatever is killed, and the test would notice if it were.

A server and a receiver of their own are killed while a sender delivers events as Stripe does: again
and again until it gets a 200, and never again after.
"""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress

import psutil
import pytest

from dogdb import database as server
from dogdb.events import schema
from dogdb.events.bench import exchange, request

IS_FULL = os.environ.get("DOGDB_TEST_FULL") == "1"
EVENTS = 100_000 if IS_FULL else 4_000
AWAY_SECONDS = 30 if IS_FULL else 2
SENDERS = 50
SECRET = secrets.token_hex(16).encode()


@pytest.fixture
def crashing(monkeypatch, tmp_path):
    """A server of its own, which writes its log to disk only when a commit asks for it."""
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(server, "STATE", tmp_path)
    monkeypatch.setitem(server.SETTINGS, "wal_writer_delay", "10s")
    monkeypatch.setitem(server.SETTINGS, "shared_buffers", "64MB")
    server.up()
    schema.ensure_now()
    yield
    server.down()


def kill_server() -> None:
    """SIGKILL every process of the server at once, then start it again."""
    postmaster = psutil.Process(server._postmaster())
    processes = [postmaster, *postmaster.children()]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=10)
    server.up()


def terminate_backends() -> None:
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where application_name = 'dogdb serve'"
        )
        assert cursor.fetchone()[0] > 0


def take_away() -> None:
    server.down()
    time.sleep(AWAY_SECONDS)
    server.up()


class Receiver:
    """`dogdb serve` on one port, to be killed and started again."""

    def __init__(self, **settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.settings = server.environment() | {"STRIPE_WEBHOOK_SECRETS": SECRET.decode()}
        self.settings |= settings
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "dogdb.cli", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=self.settings, stderr=subprocess.DEVNULL, cwd="/"
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.start()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def event(number: int) -> bytes:
    return b'{"id": "evt_%d", "type": "t", "created": 1700000000, "data": {"object": {}}}' % number


async def send(port: int, numbers: list[int], acknowledged: set[int]) -> None:
    """Deliver events from the end of a list, each until it is acknowledged."""
    while numbers:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                while numbers:
                    number = numbers.pop()
                    try:
                        content = request(event(number), SECRET)
                        status = await asyncio.wait_for(exchange(reader, writer, content), 60)
                    except BaseException:
                        numbers.append(number)
                        raise
                    if status == 200:
                        acknowledged.add(number)
                    else:
                        assert status == 503
                        numbers.append(number)
                        await asyncio.sleep(0.1)
            finally:
                writer.close()
        await asyncio.sleep(0.05)


async def deliver(port: int, disasters: list) -> set[int]:
    """Deliver all events while disasters happen, evenly spread. Returns what was acknowledged."""
    numbers, acknowledged = list(range(EVENTS)), set()
    senders = asyncio.gather(*(send(port, numbers, acknowledged) for _ in range(SENDERS)))
    for place, disaster in enumerate(disasters, 1):
        while len(acknowledged) < EVENTS * place / (len(disasters) + 1):
            await asyncio.sleep(0.002)
            assert not senders.done()
        await asyncio.to_thread(disaster)
    await senders
    return acknowledged


def stored() -> set[int]:
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select id, quarantine_reason, payload ->> 'id' from raw.stripe_events")
        rows = cursor.fetchall()
    assert all(key == inner and reason is None for key, reason, inner in rows)
    keys = [int(key.removeprefix("evt_")) for key, _, _ in rows]
    assert len(keys) == len(set(keys))
    return set(keys)


def test_nothing_acknowledged_is_lost(crashing):
    receiver = Receiver()
    disasters = [
        receiver.kill,
        kill_server,
        terminate_backends,
        receiver.kill,
        take_away,
        kill_server,
        terminate_backends,
    ]
    try:
        acknowledged = asyncio.run(deliver(receiver.port, disasters))
    finally:
        assert receiver.stop() == 0
    kill_server()
    lost = acknowledged - stored()
    print(f"{len(acknowledged)} acknowledged, {len(lost)} lost, {len(disasters)} disasters")
    assert len(acknowledged) == EVENTS
    assert lost == set()
    assert stored() == acknowledged


def test_the_test_notices_commits_that_do_not_wait_for_the_disk(crashing):
    receiver = Receiver(DOGDB_SYNCHRONOUS_COMMIT="off")
    try:
        acknowledged = asyncio.run(deliver(receiver.port, [kill_server]))
    finally:
        receiver.stop()
    lost = acknowledged - stored()
    print(f"{len(acknowledged)} acknowledged, {len(lost)} lost")
    assert lost

"""What receiving costs, as a ratio to PostgreSQL's own work in the same run.

CPU of `dogdb serve` and of PostgreSQL per acknowledged event, in units of PostgreSQL's CPU for one
pgbench commit of the same row. `dogdb bench --receiver` prints it.
"""

import asyncio
import itertools
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psutil
from psycopg2.extensions import connection

from dogdb import database
from dogdb.events import schema
from dogdb.events.signature import sign

NAME = "dogdb_bench_receiver"
CONNECTIONS, SECONDS, UNIT_SECONDS = 64, 10, 5


def body(number: int) -> bytes:
    """Return an event of about 3 KB, as Stripe prints it."""
    lines = [
        {
            "id": f"il_{number}_{line}",
            "object": "line_item",
            "amount": 1_000 * line,
            "currency": "usd",
            "description": "1 × Medium (at $10.00 / month)",
            "discount_amounts": [],
            "metadata": {"account_id": str(number)},
            "period": {"end": 1_702_592_000, "start": 1_700_000_000},
            "proration": False,
            "quantity": 1,
        }
        for line in range(5)
    ]
    invoice = {
        "id": f"in_{number}",
        "object": "invoice",
        "customer": f"cus_{number}",
        "lines": {"object": "list", "data": lines, "has_more": False},
        "status": "paid",
        "total": 10_000,
    }
    event = {
        "id": f"evt_{number:016}",
        "object": "event",
        "api_version": "2024-06-20",
        "created": 1_700_000_000 + number,
        "data": {"object": invoice},
        "livemode": True,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "invoice.paid",
    }
    return json.dumps(event, indent=2).encode()


def _postgres_seconds(connection: connection) -> float:
    """Return the CPU seconds that the whole server has used, of ended processes too."""
    postmaster = psutil.Process(connection.info.backend_pid).parent()
    own = postmaster.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in postmaster.children():
        times = child.cpu_times()
        total += times.user + times.system
    return total


def unit(connection: connection) -> float:
    """Return PostgreSQL's CPU seconds for one pgbench commit of the row of an event."""
    script = """
        insert into raw.stripe_events
            (id, type, created, livemode, api_version, payload, source, body, body_sha256)
        values (
            gen_random_uuid()::text, 'invoice.paid', now(), true, '2024-06-20',
            :body::text::jsonb, 'bench', convert_to(:body::text, 'UTF8'),
            sha256(convert_to(:body::text, 'UTF8'))
        );
    """
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script.replace("\n", " "))
        file.flush()
        before = _postgres_seconds(connection)
        done = subprocess.run(
            [
                *(database.binary("pgbench"), "--no-vacuum", "--protocol=prepared"),
                *(f"--file={file.name}", f"--time={UNIT_SECONDS}", "--client=4"),
                f"--define=body={body(1).decode()}",
            ],
            env=database.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
    time.sleep(0.5)  # for the postmaster to see its children off
    spent = _postgres_seconds(connection) - before
    line = next(line for line in done.stdout.splitlines() if "actually processed" in line)
    return spent / int(line.split(":")[1].split("/")[0])


def request(content: bytes, secret: bytes) -> bytes:
    """Return a delivery of an event, signed now, as the bytes of an HTTP request."""
    return (
        b"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Stripe-Signature: %b\r\nContent-Length: %d\r\n\r\n%b"
        % (sign(content, secret, int(time.time())), len(content), content)
    )


async def exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: bytes
) -> int:
    """Send a request over an open connection and read the whole answer. Returns its status."""
    writer.write(message)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length")
    )
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


async def _post(port: int, requests: Iterator[bytes], until: float) -> int:
    """Send requests over one connection, one after another. Returns how many got a 200."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    accepted = 0
    while time.monotonic() < until:
        accepted += await exchange(reader, writer, next(requests)) == 200
    writer.close()
    return accepted


async def _post_all(port: int, requests: Iterator[bytes], seconds: float) -> int:
    until = time.monotonic() + seconds
    return sum(await asyncio.gather(*(_post(port, requests, until) for _ in range(CONNECTIONS))))


@contextmanager
def receiver(
    secret: bytes, *options: str, **settings: str
) -> Iterator[tuple[int, subprocess.Popen]]:
    """Run `dogdb serve` on a free port; yield the port and the process, and end it."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dogdb.cli", "serve", "--port", "0", *options],
            env=database.environment() | {"STRIPE_WEBHOOK_SECRETS": secret.decode()} | settings,
            stderr=log,
        )
        try:
            while not (lines := os.pread(log.fileno(), 4096, 0).splitlines(keepends=True)):
                time.sleep(0.05)
            yield json.loads(lines[0])["port"], process
        finally:
            process.terminate()
            process.wait(60)


@dataclass(frozen=True)
class Received:
    """CPU seconds per event: of the unit, the receiver and PostgreSQL; and events per second."""

    unit: float
    receiver: float
    postgres: float
    events_per_second: float

    @property
    def units(self) -> float:
        """Return what an event costs, in units."""
        return (self.receiver + self.postgres) / self.unit


def receiving() -> Received:
    """Measure the receiver in a database of its own, which is dropped afterwards."""
    secret = secrets.token_hex(16).encode()
    requests = (request(body(number), secret) for number in itertools.count())
    with database.temporary_database(NAME), closing(database.connect()) as connection:
        schema.ensure(connection)
        one = unit(connection)
        with receiver(secret) as (port, process):
            asyncio.run(_post_all(port, requests, 1))
            server = psutil.Process(process.pid)
            cpu = server.cpu_times()
            before, own = _postgres_seconds(connection), cpu.user + cpu.system
            accepted = asyncio.run(_post_all(port, requests, SECONDS))
            cpu = server.cpu_times()
            own, theirs = cpu.user + cpu.system - own, _postgres_seconds(connection) - before
    return Received(one, own / accepted, theirs / accepted, accepted / SECONDS)

"""What receiving and loading cost, each as a ratio to PostgreSQL's own work in the same run.

`python -m dogdb.events.bench` uses a database of its own on the embedded server and drops it.

Receiver: CPU of `dogdb serve` and of PostgreSQL per acknowledged event, in units of PostgreSQL's
CPU for one pgbench commit of the same row. Load: its speed against a plain COPY, in text format, of
the same rows into the same table.
"""

import asyncio
import io
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

import psutil
from psycopg2 import sql
from psycopg2.extensions import connection

from dogdb import database
from dogdb.events import schema
from dogdb.events.load import COLUMNS, copy_events
from dogdb.events.signature import sign

NAME = "dogdb_bench"
CONNECTIONS, SECONDS, UNIT_SECONDS, ROWS = 64, 10, 5, 40_000


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


@contextmanager
def _database() -> Iterator[connection]:
    """Make a database and name it in the environment; drop it afterwards."""
    database.up()
    database.create_database(NAME)
    before = os.environ.get("PGDATABASE")
    os.environ["PGDATABASE"] = NAME
    try:
        with closing(database.connect()) as connection:
            schema.ensure(connection)
            yield connection
    finally:
        os.environ.pop("PGDATABASE")
        if before is not None:
            os.environ["PGDATABASE"] = before
        with closing(database.connect("postgres")) as server:
            server.autocommit = True
            server.cursor().execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(NAME))
            )


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


def receiving(connection: connection) -> tuple[float, float]:
    """Return the receiver's CPU per event in units, and events per second."""
    one = unit(connection)
    secret = secrets.token_hex(16).encode()
    requests = (request(body(number), secret) for number in itertools.count())
    with receiver(secret) as (port, process):
        asyncio.run(_post_all(port, requests, 1))
        server = psutil.Process(process.pid)
        cpu = server.cpu_times()
        before, own = _postgres_seconds(connection), cpu.user + cpu.system
        accepted = asyncio.run(_post_all(port, requests, SECONDS))
        cpu = server.cpu_times()
        own, theirs = cpu.user + cpu.system - own, _postgres_seconds(connection) - before
    print(
        f"unit {one * 1e6:.0f} us; per event: receiver {own / accepted * 1e6:.0f} us,"
        f" PostgreSQL {theirs / accepted * 1e6:.0f} us"
    )
    return (own + theirs) / accepted / one, accepted / SECONDS


def loading(connection: connection) -> float:
    """Return the speed of loading as a share of plain COPY's, the better of three runs each."""
    bodies = [body(number) for number in range(ROWS)]
    rows = io.BytesIO()
    times = {"copy": [], "load": []}
    with connection.cursor() as cursor:
        for _ in range(3):
            cursor.execute("truncate raw.stripe_events")
            connection.commit()
            start = time.monotonic()
            copy_events(connection, ((content, None) for content in bodies), "bench")
            times["load"].append(time.monotonic() - start)
            if not rows.getvalue():
                cursor.copy_expert(f"copy raw.stripe_events ({COLUMNS}) to stdout", rows)
            cursor.execute("truncate raw.stripe_events")
            connection.commit()
            rows.seek(0)
            start = time.monotonic()
            cursor.copy_expert(f"copy raw.stripe_events ({COLUMNS}) from stdin", rows, 1 << 20)
            connection.commit()
            times["copy"].append(time.monotonic() - start)
    print("seconds:", {what: [round(value, 2) for value in found] for what, found in times.items()})
    return min(times["copy"]) / min(times["load"])


def main() -> None:
    """Measure and print both ratios; exit code 1 where one misses its target."""
    with _database() as connection:
        units, speed = receiving(connection)
        share = loading(connection)
    print(f"receiver: {units:.2f} units of CPU per event (at most 2.5), {speed:.0f} events/s")
    print(f"load: {share:.2f} of a plain COPY (at least 0.8)")
    sys.exit(0 if units <= 2.5 and share >= 0.8 else 1)


if __name__ == "__main__":
    main()

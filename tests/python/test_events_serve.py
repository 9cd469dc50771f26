import asyncio
import http.client
import json
import os
import secrets
import signal
import socket
import time
from collections import Counter
from contextlib import closing, suppress

import httpx
import pytest
from psycopg2 import sql

from dogdb import database as server
from dogdb.errors import Failure
from dogdb.events import schema
from dogdb.events.bench import receiver
from dogdb.events.serve import Settings, serve
from dogdb.events.signature import sign

SECRET, OLD = (b"whsec_" + secrets.token_hex(16).encode() for _ in range(2))
ROLE = f"dogdb_receiver_{os.getpid()}"


def event(number: int, **more: object) -> bytes:
    body = {"id": f"evt_{number}", "type": "t", "created": 1_700_000_000, "data": {"object": {}}}
    return json.dumps(body | more).encode()


def signed(body: bytes, secret: bytes = SECRET) -> dict[str, bytes]:
    return {"Stripe-Signature": sign(body, secret, int(time.time()))}


@pytest.fixture(scope="module")
def database(make_warehouse):
    """An empty database, named by PGDATABASE while the tests of this file run."""
    with pytest.MonkeyPatch.context() as patch:
        name = make_warehouse("events", "live").name
        patch.setenv("PGDATABASE", name)
        yield name


@pytest.fixture(scope="module")
def rights(database):
    """A role with the rights that the help names, and the table, made by its owner."""
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        schema.ensure(connection)
        name = sql.Identifier(ROLE)
        cursor.execute(sql.SQL("create role {} login").format(name))
        cursor.execute(sql.SQL("grant usage on schema raw to {}").format(name))
        cursor.execute(sql.SQL("grant insert, select (id) on raw.stripe_events to {}").format(name))
        connection.commit()
        yield ROLE
        connection.rollback()
        cursor.execute(sql.SQL("drop owned by {0}; drop role {0}").format(name))
        connection.commit()


@pytest.fixture
def role(rights):
    """The same, the table empty."""
    with closing(server.connect()) as connection, connection, connection.cursor() as cursor:
        cursor.execute("truncate raw.stripe_events")
    return rights


@pytest.fixture(scope="module")
def running(rights):
    """A client of a receiver that runs with no more than its rights."""
    secrets = OLD + b", " + SECRET
    with receiver(secrets, PGUSER=rights) as (port, _):
        limits = httpx.Limits(max_connections=60)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", limits=limits) as client:
            client.port = port
            yield client


@pytest.fixture
def client(running, role):
    """The same, the table empty."""
    return running


def counts(client):
    """The receiver's metrics by name and labels."""
    lines = client.get("/metrics").text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return Counter({name: float(number) for name, number in pairs})


def post(client, body, headers=None):
    return client.post("/webhook", content=body, headers=headers or signed(body))


def rows():
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select id, quarantine_reason, body from raw.stripe_events order by id")
        return {key: (reason, bytes(body)) for key, reason, body in cursor.fetchall()}


def test_stored_duplicate_conflict_and_quarantined_are_all_answered_with_200(client):
    before = counts(client)
    bodies = [event(1), event(1), event(1, pending_webhooks=2), event(1, type="u"), b"[]", b""]
    assert [post(client, body).status_code for body in bodies] == [200] * 6
    assert post(client, event(2), signed(event(2), OLD)).status_code == 200
    found = rows()
    assert sorted(key.partition("#")[0][:7] for key in found) == [
        "evt_1",
        "evt_1",
        "evt_2",
        "sha256:",
        "sha256:",
    ]
    assert found["evt_1"] == (None, event(1))
    new = counts(client) - before
    assert new['dogdb_webhook_events_total{outcome="conflict"}'] == 1
    assert new['dogdb_webhook_events_total{outcome="duplicate"}'] == 2
    assert new['dogdb_webhook_requests_total{status="200"}'] == 7
    assert new["dogdb_webhook_seconds_count"] == 7


FIELDS = b'"id": "evt_%d", "type": "t", "created": 1700000000'
HOSTILE = {
    b'"x": "\\u0000"': "U+0000",
    b'"x": "\\ud800"': "surrogate",
    b'"x": NaN': "NaN",
    b'"x": ' + b"[" * 5_000 + b"]" * 5_000: "deeper",
    b'"x": 1e200000': "number",
    b'"x": 123456789012345678901234567890': None,
    b'"x": 1, "x": 2': "twice",
    b'"request": "req_1"': None,
    b'"data": {"object": {"amount": 1}}': None,
    b'"object": "v2.core.event", "related_object": null': None,
}


def test_hostile_bodies_are_kept_and_never_an_error(client):
    bodies = {
        b"{" + FIELDS % number + b", " + more + b"}": reason
        for number, (more, reason) in enumerate(HOSTILE.items())
    }
    bodies[b"\xef\xbb\xbf{" + FIELDS % 77 + b"}"] = "byte order mark"
    for body in bodies:
        assert post(client, body).status_code == 200
    found = {body: reason for reason, body in rows().values()}
    assert found.keys() == bodies.keys()
    for body, reason in bodies.items():
        assert (found[body] is None) == (reason is None)
        assert reason is None or reason in found[body]


def test_only_what_cannot_be_verified_is_a_400(client):
    body = event(1)
    now = int(time.time())
    right = sign(body, SECRET, now)
    headers = [
        b"",
        b"t=1,v1=\xff\xfe",
        "t=1,v1=é".encode(),
        right + (b",v1=" + b"0" * 64) * 10_000,
        sign(body, SECRET, now + 86_400),
        sign(body, SECRET, now - 86_400),
        b"t=" + b"9" * 5_000 + b",v1=00",
        sign(body, b"other", now),
    ]
    for header in headers:
        assert post(client, body, {"Stripe-Signature": header}).status_code == 400
    assert client.post("/webhook", content=body).status_code == 400
    twice = [("Stripe-Signature", right.decode()), ("Stripe-Signature", "t=1")]
    assert post(client, body, twice).status_code == 400
    assert rows() == {}


def test_a_slash_at_the_end_is_no_other_address(client):
    assert client.post("/webhook/", content=event(1), headers=signed(event(1))).text == "stored\n"
    assert rows().keys() == {"evt_1"}


def test_elsewhere_there_is_nothing(client):
    assert client.get("/").status_code == 404
    assert client.post("/other", content=b"x").status_code == 404
    assert client.get("/webhook").status_code == 405
    assert client.put("/webhook", content=b"x").status_code == 405
    assert client.post("/healthz", content=b"x").status_code == 405
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").json() == {"ready": True}


def talk(port: int, *parts: bytes, seconds: float = 5) -> bytes:
    """Send parts over a bare connection and return what comes until it is closed or silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        for part in parts:
            connection.sendall(part)
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = connection.recv(65_536)
            if not piece:
                break
            answer += piece
        return answer


HEAD = b"POST /webhook HTTP/1.1\r\nHost: x\r\nStripe-Signature: t=1,v1=00\r\n"


def test_a_body_over_the_limit_is_a_413_however_it_comes(client):
    megabytes = b"x" * 3_000_000
    assert client.post("/webhook", content=megabytes).status_code == 413
    assert client.post("/webhook", content=iter([megabytes])).status_code == 413
    declared = HEAD + b"Content-Length: 3000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", client.port), timeout=5) as connection:
        connection.sendall(declared)
        assert connection.recv(1_000).startswith(b"HTTP/1.1 413")
        for _ in range(10):  # one that sends all before it reads the answer gets to read it
            time.sleep(0.02)
            connection.sendall(megabytes[:300_000])
        while connection.recv(1_000):
            pass
    lying = HEAD + b"Content-Length: 100\r\n\r\n"
    assert talk(client.port, lying, b"x" * 100_000).startswith(b"HTTP/1.1 400")
    assert client.get("/healthz").status_code == 200


def test_a_head_without_end_is_not_kept(client):
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    for start in (b"GET /healthz HTTP/1.1\r\n", b"GET /", chunked):  # fields, address, trailer
        with socket.create_connection(("127.0.0.1", client.port), timeout=5) as connection:
            connection.sendall(start)
            line = b"x" * 1_000 if start == b"GET /" else b"X: " + b"x" * 1_000 + b"\r\n"
            with suppress(ConnectionError):
                for _ in range(20_000):
                    connection.sendall(line)
                pytest.fail("it took 20 MB")
    long = b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 1_100_000
    assert talk(client.port, long).startswith(b"HTTP/1.1 431")
    connection = http.client.HTTPConnection("127.0.0.1", client.port)
    connection.request("GET", "/healthz", headers={"X": "x" * 1_000_000})
    assert connection.getresponse().status == 200
    connection.close()
    assert counts(client)['dogdb_webhook_refusals_total{reason="head too long"}'] == 4


def test_slow_bodies_time_out_and_disturb_nobody(role):
    with receiver(SECRET, "--body-seconds", "1", PGUSER=role) as (port, _):
        stalled = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
        for connection in stalled:
            connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\nsome")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            started = time.monotonic()
            for number in range(50):
                assert post(client, event(number)).status_code == 200
            assert time.monotonic() - started < 5
        for connection in stalled:
            connection.settimeout(5)
            assert connection.recv(100).startswith(b"HTTP/1.1 408")
            connection.close()


def test_slow_heads_are_cut_off_and_disturb_nobody(role):
    with receiver(SECRET, "--body-seconds", "1", PGUSER=role) as (port, _):
        address = ("127.0.0.1", port)
        silent, *slow = [socket.create_connection(address, timeout=10) for _ in range(300)]
        for more in (b"", b"Content-Length: 9999\r\n"):  # answered; then another, or its body
            connection = socket.create_connection(address, timeout=10)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + more + b"\r\n")
            answer = b""
            while not answer.endswith(b"ok\n"):
                answer += connection.recv(1_000)
            slow.append(connection)
        started = time.monotonic()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            for piece in (b"POST /web", b"hook HTTP/1.1", b"\r\n", b"X: "):
                for connection in slow:
                    with suppress(ConnectionError):  # it may be cut off by now
                        connection.sendall(piece)
                assert post(client, event(len(piece))).status_code == 200
                time.sleep(0.2)
        for connection in (silent, *slow):
            with suppress(ConnectionError):
                assert connection.recv(100) == b""
            connection.close()
        assert time.monotonic() - started < 10
        metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert 'dogdb_webhook_refusals_total{reason="head too slow"} 302' in metrics


def test_a_full_queue_is_a_503_that_says_when_to_come_again(role):
    async def post_all(port: int) -> list[httpx.Response]:
        base = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=base, timeout=20) as many:
            posts = []
            for number in range(4):  # one is being stored, two wait, and the fourth is too many
                body = event(number)
                posts.append(
                    asyncio.create_task(many.post("/webhook", content=body, headers=signed(body)))
                )
                await asyncio.sleep(0.2)
            refused = await asyncio.wait_for(posts[3], 1)
            assert (await many.get("/readyz")).json()["reason"] == "the queue is full"
            blocker.commit()
            return [*await asyncio.gather(*posts[:3]), refused]

    with (
        receiver(SECRET, "--queue", "2", PGUSER=role) as (port, _),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
        closing(server.connect()) as blocker,
    ):
        assert post(client, event(0)).status_code == 200
        blocker.cursor().execute("lock table raw.stripe_events in exclusive mode")
        *taken, refused = asyncio.run(post_all(port))
        assert [answer.status_code for answer in taken] == [200] * 3
        assert (refused.status_code, refused.text) == (503, "the queue is full\n")
        assert int(refused.headers["Retry-After"]) > 0
        assert list(rows()) == ["evt_0", "evt_1", "evt_2"]
        assert post(client, event(3)).status_code == 200


def test_fifty_duplicates_at_once_are_one_row(client):
    async def post_all():
        body = event(1)
        base = str(client.base_url)
        limits = httpx.Limits(max_connections=50)
        async with httpx.AsyncClient(base_url=base, limits=limits) as many:
            posts = (many.post("/webhook", content=body, headers=signed(body)) for _ in range(50))
            return await asyncio.gather(*posts)

    assert {answer.status_code for answer in asyncio.run(post_all())} == {200}
    assert list(rows()) == ["evt_1"]


def test_a_terminated_backend_is_not_noticed(client):
    assert post(client, event(1)).status_code == 200
    with closing(server.connect()) as connection:
        connection.cursor().execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [ROLE]
        )
    assert post(client, event(2)).status_code == 200
    assert client.get("/readyz").status_code == 200


def test_without_the_database_it_is_a_503_until_it_is_back(client, database):
    assert post(client, event(1)).status_code == 200

    def shut(is_shut: bool) -> None:
        with closing(server.connect("postgres")) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            state = sql.SQL("false" if is_shut else "true")
            name = sql.Identifier(database)
            cursor.execute(sql.SQL("alter database {} allow_connections {}").format(name, state))
            if is_shut:
                cursor.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s",
                    [ROLE],
                )

    shut(True)
    answer = post(client, event(2))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    shut(False)
    assert post(client, event(2)).status_code == 200
    assert client.get("/readyz").status_code == 200
    assert list(rows()) == ["evt_1", "evt_2"]


def test_sigterm_lets_accepted_requests_finish(role):
    body = event(1)
    header = b"Stripe-Signature: " + sign(body, SECRET, int(time.time()))
    with (
        receiver(SECRET, PGUSER=role) as (port, process),
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
    ):
        connection.sendall(
            b"POST /webhook HTTP/1.1\r\nHost: x\r\n%b\r\nContent-Length: %d\r\n\r\n"
            % (header, len(body))
        )
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(body)
        assert connection.recv(1_000).startswith(b"HTTP/1.1 200")
        assert process.wait(10) == 0
    assert list(rows()) == ["evt_1"]


def test_sigterm_does_not_wait_for_a_database_that_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, number = silent.getsockname()
        with receiver(SECRET, PGHOST=host, PGPORT=str(number)) as (port, process):
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
            process.send_signal(signal.SIGTERM)
            try:
                assert process.wait(5) == 0
            finally:
                process.kill()


def test_without_a_secret_it_does_not_start():
    with pytest.raises(Failure, match="STRIPE_WEBHOOK_SECRETS"):
        serve(Settings(secrets=()))


def test_secrets_are_not_shown():
    assert SECRET.decode() not in repr(Settings(secrets=(SECRET,)))

"""The receiver of Stripe's webhooks. An event is acknowledged after its commit, never before.

Once the table is there (any of `dogdb load`, `pull` and `serve` makes it, when run by a role that
may), it needs no more rights than those that `dogdb serve --help` names.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dogdb.errors import Failure
from dogdb.events.metrics import Metrics, render
from dogdb.events.parse import parse
from dogdb.events.signature import refusal
from dogdb.events.writer import CONNECT_SECONDS, DUPLICATE, STORED, UnavailableError, Writer

MAX_BODY_BYTES = 1 << 20
"""Largest body taken; Stripe's stay below 256 KiB."""
MAX_HEAD_BYTES = 1 << 20
"""Longest head taken, and longest trailer; Stripe's heads stay below 2 KiB."""
BODY_SECONDS = 10
"""How long the head of a request may take to arrive, and then its body."""
DISCARD_BYTES, DISCARD_SECONDS = 8 << 20, 5
"""What is read and thrown away of a refused body or head, so that its sender gets to read the
answer: a connection closed with bytes unread is reset."""
RETRY_SECONDS = 5
DRAIN_SECONDS = 30

log = logging.getLogger("dogdb.serve")


@dataclass(frozen=True)
class Settings:
    """How the receiver runs. Secrets are kept out of its representation."""

    secrets: tuple[bytes, ...]
    host: str = "127.0.0.1"
    port: int = 8000
    path: str = "/webhook"
    max_body_bytes: int = MAX_BODY_BYTES
    body_seconds: float = BODY_SECONDS
    max_waiting: int = 2_000
    synchronous_commit: bool = True

    def __repr__(self) -> str:
        return f"Settings({self.host}:{self.port}{self.path}, {len(self.secrets)} secrets)"


class _Refusal(Exception):  # noqa: N818 - an answer, not an error
    """A request that is answered with something else than 200."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class _GoneError(Exception):
    """The client hung up."""


def _answer(status: int, reason: str, **headers: str) -> Response:
    return PlainTextResponse(reason + "\n", status, headers)


_ACCEPTED = _answer(200, "stored")


def _headers(scope: Scope) -> tuple[int | None, bytes]:
    """Return the declared length of the body and the signature; both may be missing."""
    length, signatures = None, []
    for name, value in scope["headers"]:
        if name == b"stripe-signature":
            signatures.append(value)
        elif name == b"content-length" and value.isdigit():
            length = int(value)
    return length, b",".join(signatures)


async def _body(receive: Receive, limit: int, seconds: float) -> bytes:
    """Read a whole body.

    Raises:
        _Refusal: 413 where it is too long, 408 where it takes too long.
        _GoneError: where the client hangs up.
    """
    chunks, size, more = [], 0, True
    try:
        async with asyncio.timeout(seconds):
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise _GoneError
                chunk = message.get("body", b"")
                size += len(chunk)
                if size > limit:
                    raise _Refusal(413, "body too large")
                chunks.append(chunk)
                more = message.get("more_body", False)
    except TimeoutError:
        raise _Refusal(408, "body too slow") from None
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _discard(receive: Receive) -> None:
    """Read on for a while and forget it."""
    size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARD_SECONDS):
            while size < DISCARD_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return


async def _refuse(refused: _Refusal, receive: Receive, send: Send) -> None:
    """Answer a request whose body was not read to its end, and close its connection."""
    response = _answer(refused.status, refused.reason, connection="close")
    await send(
        {"type": "http.response.start", "status": refused.status, "headers": response.raw_headers}
    )
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    if refused.status == 413:
        await _discard(receive)
    await send({"type": "http.response.body", "body": b""})


class Webhook:
    """The endpoint, as a bare ASGI application: every event passes here."""

    def __init__(self, settings: Settings, writer: Writer, metrics: Metrics) -> None:
        self.settings = settings
        self.writer = writer
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Verify, store and answer one request."""
        started = time.monotonic()
        try:
            await self._take(scope, receive)
        except _GoneError:
            self._refused(scope, 499, "client hung up")
        except UnavailableError as error:
            self._refused(scope, 503, str(error))
            response = _answer(503, str(error), **{"Retry-After": str(RETRY_SECONDS)})
            await response(scope, receive, send)
        except _Refusal as refused:
            self._refused(scope, refused.status, refused.reason)
            if refused.status == 400:
                await _answer(400, refused.reason)(scope, receive, send)
            else:
                await _refuse(refused, receive, send)
        else:
            self.metrics.answers[200] += 1
            self.metrics.observe(time.monotonic() - started)
            await _ACCEPTED(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive) -> None:
        """Read, verify and store; return after the commit."""
        length, header = _headers(scope)
        limit = self.settings.max_body_bytes
        if length is not None and length > limit:
            raise _Refusal(413, "body too large")
        body = await _body(receive, limit, self.settings.body_seconds)
        if reason := refusal(header, body, self.settings.secrets, time.time()):
            raise _Refusal(400, reason)
        event = parse(body)
        outcome = await self.writer.submit(event)
        if outcome not in (STORED, DUPLICATE):
            fields = {"id": event.id, "type": event.type, "reason": event.quarantine_reason}
            log.warning("event kept apart", extra={"fields": {"outcome": outcome, **fields}})

    def _refused(self, scope: Scope, status: int, reason: str) -> None:
        self.metrics.answers[status] += 1
        self.metrics.refusals[reason] += 1
        client = (scope.get("client") or ("",))[0]
        log.warning(
            "request refused",
            extra={"fields": {"status": status, "reason": reason, "client": client}},
        )


def application(settings: Settings, metrics: Metrics | None = None) -> Starlette:
    """Return the receiver as an ASGI application; its writer lives as long as its lifespan."""
    metrics = metrics or Metrics()
    writer = Writer(
        metrics,
        max_events=settings.max_waiting,
        synchronous_commit=settings.synchronous_commit,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(writer.run())
        hello = asyncio.create_task(writer.ping())
        yield
        task.cancel()
        await asyncio.gather(task, hello, return_exceptions=True)
        await asyncio.wait_for(writer.close(), DRAIN_SECONDS)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        try:
            if writer.is_full:
                raise UnavailableError("the queue is full")
            await writer.ping()
        except UnavailableError as error:
            return JSONResponse({"ready": False, "reason": str(error)}, 503)
        return JSONResponse({"ready": True})

    async def show(_: Request) -> Response:
        text = render(metrics, writer.waiting, writer.is_connected)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    webhook = Webhook(settings, writer, metrics)
    path = settings.path.rstrip("/")
    return Starlette(
        routes=[
            # Stripe follows no redirects.
            *(Route(end, webhook, methods=["POST"]) for end in (path, f"{path}/") if end),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", show),
        ],
        lifespan=lifespan,
    )


_HEAD_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 14\r\n\r\nhead too long\n"
)


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, with a deadline for what comes while no request is being answered.

    uvicorn waits for ever for the head of a request that comes byte by byte, and reads for ever the
    body of one that was answered already. It also keeps a head of any length, and a trailer.
    """

    def __init__(self, *, head_seconds: float, metrics: Metrics, **uvicorns: object) -> None:
        super().__init__(**uvicorns)
        self.head_seconds = head_seconds
        self.metrics = metrics
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0  # what came since the last head or piece of a body was whole
        self._is_refused = False

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def data_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        if self._is_refused:
            if self._head_bytes > MAX_HEAD_BYTES + DISCARD_BYTES:
                self.transport.close()
            return
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._head_bytes > MAX_HEAD_BYTES:
            self._cut_off("head too long", b"" if self._is_answering else _HEAD_TOO_LONG)
        elif self._deadline is None and not self._is_answering:
            self._deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def on_headers_complete(self) -> None:
        self._head_bytes = 0
        self._forget_deadline()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head_bytes = 0
        super().on_body(body)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        super().connection_lost(exc)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._is_answering:
            self._cut_off("head too slow")

    def _cut_off(self, reason: str, answer: bytes = b"") -> None:
        self._forget_deadline()
        self.metrics.refusals[reason] += 1
        fields = {"reason": reason, "client": (self.client or ("",))[0]}
        log.warning("connection closed", extra={"fields": fields})
        if not answer:
            self.transport.close()
            return
        self._is_refused = True
        self.transport.write(answer)
        self.transport.write_eof()
        self._deadline = self.loop.call_later(DISCARD_SECONDS, self.transport.close)


class _JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def _listen(host: str, port: int) -> socket.socket:
    """Open the listening socket.

    Raises:
        Failure: where the address can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Failure(f"can't listen on {host}:{port}: {error.strerror}") from None


def serve(settings: Settings) -> None:
    """Receive webhooks until SIGTERM or SIGINT, then finish what was accepted.

    Raises:
        Failure: where there is no secret, or the address is taken.
    """
    if not settings.secrets:
        raise Failure("set STRIPE_WEBHOOK_SECRETS to the endpoint's signing secrets (whsec_…)")
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    listener = _listen(settings.host, settings.port)
    os.environ.setdefault("PGCONNECT_TIMEOUT", str(CONNECT_SECONDS))  # libpq waits for ever
    metrics = Metrics()
    config = uvicorn.Config(
        application(settings, metrics),
        http=partial(_Protocol, head_seconds=settings.body_seconds, metrics=metrics),
        lifespan="on",
        ws="none",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    # uvicorn raises the signal again when it has shut down; by then it has been obeyed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    host, port = listener.getsockname()[:2]
    log.info("listening", extra={"fields": {"host": host, "port": port, "path": settings.path}})
    uvicorn.Server(config).run(sockets=[listener])
    log.info("stopped")

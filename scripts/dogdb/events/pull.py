"""Events and objects from Stripe's API into `raw.stripe_events`.

Stripe keeps events for 30 days (https://docs.stripe.com/api/events). They are listed newest first,
so only a window that was fetched to its end is remembered, in `raw.stripe_pulls`.

Of older history there is only what became of it: the objects themselves, stored as *snapshots*,
events of type `snapshot.<object>` that Stripe never sent. A snapshot's `created` is the moment of
retrieval, by Stripe's clock and before the answer was made: an event of that second or later says
something newer and wins, an earlier one is already contained in the snapshot. Nothing is said about
the time before; readers may take the state back to the object's own `created` where no event about
it exists. A snapshot is stored only if the object differs from its last one.
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

import click
import stripe
from psycopg2.extensions import connection

from dogdb import database
from dogdb.errors import Failure
from dogdb.events import schema
from dogdb.events.files import elements
from dogdb.events.load import progress
from dogdb.events.store import Counts, copy_events

KEPT_DAYS = 30
"""How long Stripe keeps events."""
OVERLAP = timedelta(hours=1)
"""How far a window reaches back into the one before, for events that were listed late."""
PAGE = 100
ATTEMPTS, FIRST_DELAY, LONGEST_DELAY = 8, 0.5, 60.0
TIMEOUT_SECONDS = 60

OBJECTS: Mapping[str, Mapping[str, Any]] = {
    "/v1/customers": {},
    "/v1/products": {},
    "/v1/prices": {"expand": ["data.tiers"]},
    "/v1/coupons": {},
    "/v1/subscriptions": {
        "status": "all",
        "expand": ["data.discounts", "data.items.data.discounts"],
    },
    "/v1/invoices": {},
    "/v1/invoice_payments": {},
    "/v1/charges": {},
    "/v1/refunds": {},
    "/v1/disputes": {},
    "/v1/credit_notes": {},
}
"""What is listed, in this order, with what it takes to get all of it. Plans are prices, too;
payment methods are listed for each customer."""

OF_A_TIME = {"/v1/invoices", "/v1/charges", "/v1/refunds", "/v1/disputes", "/v1/credit_notes"}
"""Lists of what happened once, which `since` narrows. A subscription made long before may still
run; payments of invoices can't be asked for by their time."""

REFUSED = (stripe.PermissionError, stripe.InvalidRequestError)
"""What Stripe answers where a key may not ask for something, or what is asked for is gone."""

VOLATILE = {"receipt_url", "hosted_invoice_url", "invoice_pdf"}
"""Links that Stripe signs anew for each answer; they say nothing about the object."""


@dataclass(frozen=True)
class Api:
    """Stripe's API, asked patiently.

    Attributes:
        client: the official library's client, not retrying by itself.
        is_live: whether the key is one of live mode.
        sleep: how to wait, in seconds.
    """

    client: stripe.StripeClient
    is_live: bool
    sleep: Callable[[float], None] = time.sleep

    def get(self, path: str, **parameters: object) -> stripe.StripeResponse:
        """Get one answer; try again where Stripe is busy, broken or silent.

        Raises:
            Failure: where the key is refused, or Stripe keeps failing.
            stripe.StripeError: where Stripe refuses this request for good.
        """
        for attempt in count(1):
            try:
                return self.client.raw_request("get", path, **parameters)
            except stripe.AuthenticationError:
                raise Failure("Stripe refuses the API key; check STRIPE_API_KEY") from None
            except REFUSED:
                raise
            except stripe.StripeError as error:
                if attempt == ATTEMPTS:
                    what = error.http_status or "no answer"
                    raise Failure(
                        f"Stripe keeps failing ({what} from {path}); run it again, it goes on"
                    ) from None
                self.sleep(delay(attempt, error.headers or {}))
        raise AssertionError

    def pages(self, path: str, **parameters: object) -> Iterator[stripe.StripeResponse]:
        """Get all pages of a list, in Stripe's order: newest first."""
        while True:
            page = self.get(path, limit=PAGE, **parameters)
            yield page
            if not page.data.get("has_more") or not page.data["data"]:
                return
            parameters["starting_after"] = page.data["data"][-1]["id"]


def delay(attempt: int, headers: Mapping[str, str]) -> float:
    """Return how long to wait after a failed attempt, in seconds.

    Doubles each time, with jitter, unless the answer says how long (`Retry-After`).
    """
    asked = {key.lower(): value for key, value in headers.items()}.get("retry-after", "")
    if asked.isdigit():
        return min(float(asked), LONGEST_DELAY)
    longest = min(FIRST_DELAY * 2 ** (attempt - 1), LONGEST_DELAY)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - not a secret


def snapshot(text: str, retrieved: int, is_live: bool, api_version: str | None) -> bytes:
    """Return the event that stands for an object as it was when retrieved.

    Args:
        text: the object's JSON, kept as it is.
        retrieved: seconds since 1970.
        is_live: the mode of the key, for the objects that do not say it themselves.
        api_version: in which the object is written.
    """
    value = json.loads(text)
    event = {
        "id": f"snapshot:{value['id']}:{retrieved}",
        "object": "event",
        "type": f"snapshot.{value['object']}",
        "created": retrieved,
        "livemode": value.get("livemode", is_live),
        "api_version": api_version,
        "snapshot_sha256": digest(value),
    }
    return f'{json.dumps(event)[:-1]}, "data": {{"object": {text}}}}}'.encode()


def digest(value: Mapping[str, Any]) -> str:
    """Return a digest of what an object says, whatever the order of its keys."""
    said = {key: part for key, part in value.items() if key not in VOLATILE}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def retrieval_time(headers: Mapping[str, str], started: float, ended: float) -> int:
    """Return a second of Stripe's clock that is not after the state in an answer.

    Args:
        headers: of the answer; its `Date` is the end of making it.
        started: when it was asked for, by our clock, in seconds since 1970.
        ended: when it was there, by our clock.
    """
    try:
        said = {key.lower(): value for key, value in headers.items()}["date"]
        return int(parsedate_to_datetime(said).timestamp() - (ended - started))
    except (KeyError, ValueError):
        return int(started)


def _completed(api: Api, text: str) -> str:
    """Return an object with the nested lists that Stripe cut short filled up.

    A list that Stripe no longer has stays cut, and says so (`has_more`).
    """
    value = json.loads(text)
    is_cut = False
    for name in ("lines", "items"):
        nested = value.get(name)
        if isinstance(nested, dict) and nested.get("has_more") and nested.get("data"):
            path, _, query = nested["url"].partition("?")
            parameters = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
            parameters["starting_after"] = nested["data"][-1]["id"]
            try:
                rest = [one for page in api.pages(path, **parameters) for one in page.data["data"]]
            except REFUSED:
                continue
            nested["data"] += rest
            nested["has_more"] = False
            is_cut = True
    return json.dumps(value, ensure_ascii=False) if is_cut else text


def _events(api: Api, since: datetime | None) -> Iterator[tuple[bytes, str | None]]:
    """Yield all events since an instant, as Stripe's answers write them."""
    created = {"created": {"gte": int(since.timestamp())}} if since else {}
    for page in api.pages("/v1/events", **created):
        for text in elements(page.body):
            yield text.encode(), page.request_id


def _snapshots(
    api: Api, path: str, parameters: Mapping[str, Any], known: dict[str, str]
) -> Iterator[tuple[bytes, str | None]]:
    """Yield snapshots of a list's objects that differ from their last ones.

    Raises:
        Failure: where Stripe refuses to go on with a list that it began.
        stripe.StripeError: where Stripe refuses the list.
    """
    pages = api.pages(path, **parameters)
    may_list_methods = True
    for number in count(1):
        started = time.time()
        try:
            page = next(pages, None)
        except REFUSED as error:
            if number == 1:
                raise
            raise Failure(
                f"Stripe broke off {path} ({error.user_message}); run it again, it goes on"
            ) from None
        if page is None:
            return
        retrieved = retrieval_time(page.headers, started, time.time())
        version = page.headers.get("stripe-version") or stripe.api_version
        for element in elements(page.body):
            text = _completed(api, element)
            value = json.loads(text)
            if known.get(value["id"]) != digest(value):
                known[value["id"]] = digest(value)
                yield snapshot(text, retrieved, api.is_live, version), page.request_id
            if value["object"] == "customer" and not value.get("deleted") and may_list_methods:
                methods = f"/v1/customers/{value['id']}/payment_methods"
                try:
                    yield from _snapshots(api, methods, {}, known)
                except REFUSED as error:
                    may_list_methods = not isinstance(error, stripe.PermissionError)
                    of = f" of {value['id']}" if may_list_methods else ""
                    click.echo(
                        f"payment methods{of}: skipped, Stripe says: {error.user_message}", err=True
                    )


def _known(connection: connection) -> dict[str, str]:
    """Return the digest of the last snapshot of each object."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (payload #>> '{data,object,id}')"
            " payload #>> '{data,object,id}', payload ->> 'snapshot_sha256'"
            " from raw.stripe_events where type like 'snapshot.%'"
            " order by payload #>> '{data,object,id}', created desc"
        )
        return dict(cursor.fetchall())


def _last_window(connection: connection, key: str) -> datetime | None:
    """Return up to when the windows of an API key reach without a gap between them."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select since, until from raw.stripe_pulls where api_key_sha256 = %s order by since",
            [key],
        )
        reached = None
        for since, until in cursor:
            if reached is not None and since > reached:
                break
            reached = max(until, reached or until)
        return reached


def pull_into(
    connection: connection,
    api: Api,
    key: str,
    since: datetime | None = None,
    with_objects: bool | None = None,
) -> Counts:
    """Fetch events, and objects where older history is wanted; remember the window when done.

    Args:
        connection: to a database whose schema is up to date.
        api: what to ask.
        key: a digest of the API key; each key has windows of its own, as it may see other things.
        since: from when, of events and of what happened once (OF_A_TIME); where it is left out,
            from where the windows so far reach without a gap, and from the beginning where there
            are none.
        with_objects: whether to fetch the objects, too; None: where `since` lies further back
            than events reach, and the first time.

    Raises:
        Failure: where Stripe can't be asked; what was fetched before is stored. Where `since` is
            still to come.
    """
    now = datetime.now(UTC)
    if since and since > now:
        raise Failure(f"--since {since:%Y-%m-%dT%H:%M:%S} is still to come (it is in UTC)")
    last = _last_window(connection, key)
    start = since or (last - OVERLAP if last else None)
    if with_objects is None:
        with_objects = start is None or start < now - timedelta(days=KEPT_DAYS)
    with progress("events", None) as (_, report):
        try:
            total = copy_events(connection, _events(api, start), "api", report)
        except REFUSED as error:
            raise Failure(f"Stripe does not list events: {error.user_message}") from None
    click.echo(f"events: {total}", err=True)
    known = _known(connection) if with_objects else {}
    for path in OBJECTS if with_objects else ():
        parameters = dict(OBJECTS[path])
        if since and path in OF_A_TIME:
            parameters["created"] = {"gte": int(since.timestamp())}
        name = path.rpartition("/")[2]
        try:
            with progress(name, None) as (_, report):
                bodies = _snapshots(api, path, parameters, known)
                counts = copy_events(connection, bodies, "api", report)
        except REFUSED as error:
            click.echo(f"{name}: skipped, Stripe says: {error.user_message}", err=True)
            continue
        click.echo(f"{name}: {counts}", err=True)
        total += counts
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into raw.stripe_pulls (api_key_sha256, since, until, with_objects)"
            " values (%s, %s, %s, %s)",
            [key, start or now - timedelta(days=KEPT_DAYS), now, with_objects],
        )
    return total


def connect(api_key: str, base: str | None, timeout: float = TIMEOUT_SECONDS) -> Api:
    """Return the API for a key.

    Args:
        api_key: secret or restricted; never printed.
        base: another server's address, for tests.
        timeout: seconds to wait for an answer.
    """
    client = stripe.StripeClient(
        api_key,
        base_addresses={"api": base} if base else None,
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=timeout),
    )
    return Api(client, is_live="_live_" in api_key)


def pull(
    api_key: str, base: str | None, since: datetime | None, with_objects: bool | None
) -> Counts:
    """Fetch into the database in use.

    Raises:
        Failure: without a key, a database, or an answer from Stripe.
    """
    if not api_key:
        raise Failure("set STRIPE_API_KEY to a secret or restricted key of your Stripe account")
    key = hashlib.sha256(f"dogdb pull {api_key}".encode()).hexdigest()
    with closing(database.connect()) as connection:
        schema.ensure(connection)
        return pull_into(connection, connect(api_key, base), key, since, with_objects)

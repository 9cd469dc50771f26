"""Against a server that speaks as much of Stripe's API as is used: paging, filters, errors."""

import asyncio
import json
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from dogdb import database as server
from dogdb.errors import Failure
from dogdb.events import pull, schema
from dogdb.events.store import Counts

KEY = "sk" + "_test_" + "stand_in"
NOW = int(time.time())


class StandIn:
    """Objects by path, newest first, and answers to give instead, one after another."""

    def __init__(self) -> None:
        self.lists = {path: [] for path in pull.OBJECTS} | {"/v1/events": []}
        self.failures: list[Response | float] = []
        self.fail_after = 0
        self.asked: Counter[str] = Counter()
        self.queries: list[dict] = []

    async def answer(self, request) -> Response:
        path, query = request.url.path, request.query_params
        self.asked[path] += 1
        self.queries.append({"path": path, **query})
        if request.headers["authorization"] != f"Bearer {KEY}":
            return JSONResponse({"error": {"message": "Invalid API Key"}}, 401)
        if self.failures and sum(self.asked.values()) > self.fail_after:
            failure = self.failures.pop(0)
            if isinstance(failure, Response):
                return failure
            await asyncio.sleep(failure)
        if path not in self.lists:
            if path.endswith("/payment_methods"):
                return JSONResponse({"object": "list", "data": [], "has_more": False})
            return JSONResponse({"error": {"message": "Unrecognized request URL"}}, 404)
        items = self.lists[path]
        if oldest := query.get("created[gte]"):
            items = [item for item in items if item["created"] >= int(oldest)]
        if after := query.get("starting_after"):
            items = items[[item["id"] for item in items].index(after) + 1 :]
        limit = int(query.get("limit", 10))
        page = {
            "object": "list",
            "url": path,
            "has_more": len(items) > limit,
            "data": items[:limit],
        }
        text = json.dumps(page, indent=2)
        return Response(text, headers={"Request-Id": "req_1"}, media_type="application/json")


@contextmanager
def running(app: Starlette):
    config = uvicorn.Config(app, port=0, log_config=None, ws="none", lifespan="off")
    web = uvicorn.Server(config)
    thread = threading.Thread(target=web.run)
    thread.start()
    while not web.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{web.servers[0].sockets[0].getsockname()[1]}"
    web.should_exit = True
    thread.join()


@pytest.fixture
def stripe_api():
    stand_in = StandIn()
    with running(Starlette(routes=[Route("/{rest:path}", stand_in.answer)])) as base:
        stand_in.base = base
        yield stand_in


@pytest.fixture
def connection(database):
    with closing(server.connect()) as connection:
        schema.ensure(connection)
        yield connection


def fetch(connection, stand_in, since=None, with_objects=None, naps=None, timeout=5, key=KEY):
    api = pull.connect(key, stand_in.base, timeout)
    naps = [] if naps is None else naps
    api = pull.Api(api.client, api.is_live, naps.append)
    return pull.pull_into(connection, api, "digest", since, with_objects)


def event(number: int, created: int = NOW) -> dict:
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": "charge.succeeded",
        "created": created,
        "data": {"object": {"id": f"ch_{number}", "object": "charge"}},
        "livemode": False,
    }


def customer(number: int, **more: object) -> dict:
    return {
        "id": f"cus_{number}",
        "object": "customer",
        "created": NOW - 9,
        "livemode": False,
    } | more


def rows(connection, columns="id"):
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from raw.stripe_events order by id")
        return cursor.fetchall()


def windows(connection):
    with connection.cursor() as cursor:
        cursor.execute("select since, until, with_objects from raw.stripe_pulls order by until")
        return cursor.fetchall()


def test_all_pages_of_events_are_stored_as_they_are_written(connection, stripe_api):
    stripe_api.lists["/v1/events"] = [event(number) for number in range(250)]
    assert fetch(connection, stripe_api, with_objects=False) == Counts(250, 250)
    assert stripe_api.asked == {"/v1/events": 3}
    [(body, source, origin), *_] = rows(connection, "body, source, origin")
    assert json.loads(bytes(body)) == event(0)
    assert b"\n" in bytes(body)
    assert (source, origin) == ("api", "req_1")


def test_the_next_pull_goes_on_where_the_last_whole_one_ended(connection, stripe_api):
    stripe_api.lists["/v1/events"] = [event(1)]
    fetch(connection, stripe_api)
    stripe_api.lists["/v1/events"].insert(0, event(2))
    assert fetch(connection, stripe_api) == Counts(2, 1, 1)
    [first, second] = windows(connection)
    assert second[0] == first[1] - pull.OVERLAP
    assert (first[2], second[2]) == (True, False)
    assert int(stripe_api.queries[-1]["created[gte]"]) == int(second[0].timestamp())


def test_a_gap_that_since_left_is_filled_by_the_next_pull(connection, stripe_api):
    fetch(connection, stripe_api)
    [(_, reached, _)] = windows(connection)
    with connection, connection.cursor() as cursor:
        cursor.execute("update raw.stripe_pulls set until = until - interval '2 days'")
    reached -= timedelta(days=2)
    fetch(connection, stripe_api, since=datetime.now(UTC) - timedelta(days=1))
    fetch(connection, stripe_api)
    assert int(stripe_api.queries[-1]["created[gte]"]) == int((reached - pull.OVERLAP).timestamp())


def test_a_window_still_to_come_is_refused(connection, stripe_api):
    with pytest.raises(Failure, match="is still to come"):
        fetch(connection, stripe_api, since=datetime.now(UTC) + timedelta(minutes=1))
    assert windows(connection) == []
    assert not stripe_api.asked


def test_no_transaction_waits_for_stripe(connection, stripe_api):
    stripe_api.lists["/v1/events"] = [event(1)]
    fetch(connection, stripe_api, with_objects=True)
    with connection, connection.cursor() as cursor:
        cursor.execute("set idle_in_transaction_session_timeout = '100ms'")
    error = JSONResponse({"error": {"message": "Too many requests"}}, 429)
    stripe_api.fail_after, stripe_api.failures = 0, [error] * (pull.ATTEMPTS - 1)
    api = pull.connect(KEY, stripe_api.base, 5)
    api = pull.Api(api.client, api.is_live, lambda _: time.sleep(0.05))
    pull.pull_into(connection, api, "digest", None, True)
    assert len(windows(connection)) == 2


def test_a_window_that_broke_off_is_not_remembered(connection, stripe_api):
    stripe_api.lists["/v1/events"] = [event(number) for number in range(250)]
    stripe_api.fail_after = 2
    stripe_api.failures = [PlainTextResponse("", 500)] * pull.ATTEMPTS
    with pytest.raises(Failure, match="500 from /v1/events"):
        fetch(connection, stripe_api)
    assert windows(connection) == []
    assert fetch(connection, stripe_api, with_objects=False).read == 250
    assert len(rows(connection)) == 250


def test_busy_broken_and_silent_answers_are_asked_again(connection, stripe_api):
    stripe_api.lists["/v1/events"] = [event(1)]
    error = {"error": {"message": "Too many requests"}}
    stripe_api.failures = [
        JSONResponse(error, 429, {"Retry-After": "7"}),
        JSONResponse(error, 429, {"Retry-After": "3600"}),
        JSONResponse(error, 429),
        PlainTextResponse("<html>bad gateway</html>", 502),
        PlainTextResponse("not JSON", 200),
        1.0,
    ]
    naps = []
    counts = fetch(connection, stripe_api, with_objects=False, naps=naps, timeout=0.5)
    assert counts == Counts(1, 1)
    assert len(naps) == 6
    assert naps[:2] == [7, pull.LONGEST_DELAY]
    assert all(0 < nap <= pull.LONGEST_DELAY for nap in naps)


def test_a_refused_key_is_one_line_without_the_key(connection, stripe_api):
    with pytest.raises(Failure, match="refuses the API key") as caught:
        fetch(connection, stripe_api, key="sk" + "_test_" + "wrong")
    assert "wrong" not in str(caught.value)


def test_an_unchanged_object_is_stored_once(connection, stripe_api):
    stripe_api.lists["/v1/customers"] = [customer(1), customer(2)]
    stripe_api.lists["/v1/charges"] = [
        {"id": "ch_1", "object": "charge", "created": NOW, "receipt_url": "a"}
    ]
    assert fetch(connection, stripe_api, with_objects=True) == Counts(3, 3)
    stripe_api.lists["/v1/charges"][0]["receipt_url"] = "b"
    assert fetch(connection, stripe_api, with_objects=True) == Counts()
    found = rows(connection, "type, created >= now() - interval '1 minute', livemode, payload")
    assert [row[:3] for row in found] == [
        ("snapshot.charge", True, False),
        ("snapshot.customer", True, False),
        ("snapshot.customer", True, False),
    ]
    assert found[1][3]["data"]["object"] == customer(1)
    assert stripe_api.asked["/v1/customers/cus_1/payment_methods"] == 2


def test_an_object_that_is_listed_twice_is_stored_once(connection, stripe_api):
    stripe_api.lists["/v1/products"] = [
        {"id": "prod_1", "object": "product", "created": NOW} for _ in range(2)
    ]
    assert fetch(connection, stripe_api, with_objects=True) == Counts(1, 1)


def test_each_state_of_an_object_that_comes_and_goes_is_stored(connection, stripe_api):
    for email in ("a", "b", "a"):
        stripe_api.lists["/v1/customers"] = [customer(1, email=email)]
        assert fetch(connection, stripe_api, with_objects=True).new == 1
        time.sleep(1.1)
    ordered = rows(connection, "payload #>> '{data,object,email}'")
    assert ordered == [("a",), ("b",), ("a",)]


def test_objects_are_fetched_where_events_do_not_reach(connection, stripe_api):
    stripe_api.lists["/v1/customers"] = [customer(1), customer(2, created=1)]
    recent = datetime.now(UTC) - timedelta(days=3)
    assert fetch(connection, stripe_api, since=recent) == Counts()
    older = datetime.now(UTC) - timedelta(days=300)
    stripe_api.lists["/v1/invoices"] = [
        {"id": f"in_{created}", "object": "invoice", "created": created} for created in (NOW, 1)
    ]
    assert fetch(connection, stripe_api, since=older) == Counts(3, 3)
    assert rows(connection, "payload #>> '{data,object,id}'") == [
        (f"cus_{number}",) for number in (1, 2)
    ] + [(f"in_{NOW}",)]


def test_nested_lists_are_filled_up(connection, stripe_api):
    lines = [{"id": f"il_{number}"} for number in range(25)]
    stripe_api.lists["/v1/invoices/in_1/lines"] = lines
    cut = {"url": "/v1/invoices/in_1/lines", "has_more": True, "data": lines[:10]}
    invoice = {"id": "in_1", "object": "invoice", "created": NOW, "lines": cut}
    stripe_api.lists["/v1/invoices"] = [invoice]
    fetch(connection, stripe_api, with_objects=True)
    [(found,)] = rows(connection, "payload #> '{data,object,lines}'")
    assert found["data"] == lines
    assert found["has_more"] is False


def test_a_nested_list_that_is_gone_stays_cut(connection, stripe_api):
    cut = {"url": "/v1/invoices/in_1/lines", "has_more": True, "data": [{"id": "il_1"}]}
    stripe_api.lists["/v1/invoices"] = [
        {"id": f"in_{number}", "object": "invoice", "created": NOW, "lines": cut}
        for number in range(2)
    ]
    assert fetch(connection, stripe_api, with_objects=True) == Counts(2, 2)
    found = rows(connection, "payload #> '{data,object,lines,has_more}'")
    assert found == [(True,), (True,)]


def test_discounts_are_asked_for_whole(connection, stripe_api):
    fetch(connection, stripe_api, with_objects=True)
    [query] = [one for one in stripe_api.queries if one["path"] == "/v1/subscriptions"]
    asked = {value for name, value in query.items() if name.startswith("expand")}
    assert asked == {"data.discounts", "data.items.data.discounts"}


def test_what_a_key_may_not_list_is_skipped_and_named(connection, stripe_api, capsys):
    del stripe_api.lists["/v1/disputes"]
    stripe_api.lists["/v1/charges"] = [{"id": "ch_1", "object": "charge", "created": NOW}]
    assert fetch(connection, stripe_api, with_objects=True) == Counts(1, 1)
    assert "disputes: skipped" in capsys.readouterr().err


def test_a_customer_that_is_gone_ends_no_list(connection, stripe_api, capsys):
    stripe_api.lists["/v1/customers"] = [customer(number) for number in range(3)]
    gone = JSONResponse({"error": {"message": "No such customer"}}, 404)
    stripe_api.fail_after, stripe_api.failures = 2, [gone]
    assert fetch(connection, stripe_api, with_objects=True) == Counts(3, 3)
    assert "payment methods of cus_0: skipped" in capsys.readouterr().err


def test_who_may_list_no_methods_is_told_once(connection, stripe_api, capsys):
    stripe_api.lists["/v1/customers"] = [customer(number) for number in range(3)]
    refused = JSONResponse({"error": {"message": "The key may not"}}, 403)
    stripe_api.fail_after, stripe_api.failures = 2, [refused]
    assert fetch(connection, stripe_api, with_objects=True) == Counts(3, 3)
    assert capsys.readouterr().err.count("payment methods: skipped") == 1
    assert not [path for path in stripe_api.asked if path.startswith("/v1/customers/cus_1/")]


def test_a_list_that_stripe_breaks_off_is_no_whole_window(connection, stripe_api):
    stripe_api.lists["/v1/coupons"] = [
        {"id": f"coupon_{number}", "object": "coupon", "created": NOW} for number in range(150)
    ]
    refused = JSONResponse({"error": {"message": "No such coupon"}}, 404)
    stripe_api.fail_after, stripe_api.failures = 5, [refused]
    with pytest.raises(Failure, match="broke off /v1/coupons"):
        fetch(connection, stripe_api, with_objects=True)
    assert windows(connection) == []


def test_the_command_needs_a_key(database):
    with pytest.raises(Failure, match="STRIPE_API_KEY"):
        pull.pull("", None, None, None)


def test_the_time_of_a_snapshot_is_stripes_and_never_late():
    headers = {"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}
    assert pull.retrieval_time(headers, 5.0, 7.5) == 1_700_000_000 - 3
    assert pull.retrieval_time({}, 5.7, 7.5) == 5

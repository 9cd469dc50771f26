"""Events become the same tables in whatever order, how often and in how many goes they arrive."""

import copy
import csv
import functools
import itertools
import json
import random
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from psycopg2.extras import Json, execute_values

from conftest import FULL
from dogdb.events import schema
from dogdb.project import ROOT

MARTS = {
    "core.stripe_customers": "",
    "core.payment_methods": "",
    "finance.transactions": "",
    "finance.subscription_periods": "",
    "staging.stg_stripe__invoice_states": "batch, place",
    "staging.stg_stripe__invoice_lines": "batch",
    "staging.stg_stripe__subscription_states": "batch",
    "staging.stg_stripe__tie_positions": "batch",
}
"""What must not depend on arrival, and the columns that tell of it."""

COLUMNS = "id, type, created, livemode, api_version, payload, received_at"


def event(number: int, kind: str, second: int, state: dict, previous: dict | None = None) -> tuple:
    """One event about a subscription, as a raw row."""
    subscription = {
        "id": "sub_tie",
        "object": "subscription",
        "customer": "cus_tie",
        "items": {"object": "list", "data": [{"quantity": 1, "price": {"id": "price_a"}}]},
    }
    data = {"object": subscription | state}
    if previous is not None:
        data["previous_attributes"] = previous
    body = {"id": f"evt_tie_{number}", "object": "event", "type": kind, "data": data}
    instant = datetime.fromtimestamp(1_700_000_000 + second, UTC)
    return (body["id"], kind, instant, True, "2022-11-15", body, instant)


def tied_events() -> list[tuple]:
    """Changes of a second and of later ones, ordered by previous_attributes; ids say another."""
    updated, created = "customer.subscription.updated", "customer.subscription.created"
    return [
        event(5, created, 0, {"status": "incomplete", "quantity": 1}),
        event(3, updated, 0, {"status": "active", "quantity": 1}, {"status": "incomplete"}),
        event(4, updated, 0, {"status": "past_due", "quantity": 1}, {"status": "active"}),
        event(1, updated, 0, {"status": "active", "quantity": 1}, {"status": "past_due"}),
        event(2, updated, 0, {"status": "active", "quantity": 7}, {"quantity": 1}),
        event(6, updated, 60, {"status": "unpaid", "quantity": 7}, {"status": "past_due"}),
        event(7, updated, 60, {"status": "past_due", "quantity": 7}, {"status": "active"}),
        # These two could follow each other either way; only the second before tells.
        event(8, updated, 61, {"status": "unpaid", "quantity": 7}, {"status": "active"}),
        event(9, updated, 61, {"status": "active", "quantity": 7}, {"status": "unpaid"}),
        # As of these; and it was 2 before it was 1.
        event(20, created, 0, {"id": "sub_back", "quantity": 2}),
        event(21, updated, 60, {"id": "sub_back", "quantity": 1}, {"quantity": 2}),
        event(22, updated, 120, {"id": "sub_back", "quantity": 1}, {"quantity": 2}),
        event(23, updated, 120, {"id": "sub_back", "quantity": 2}, {"quantity": 1}),
        # As of these; and it was made and changed in one second.
        event(25, created, 0, {"id": "sub_made", "quantity": 1}),
        event(24, updated, 0, {"id": "sub_made", "quantity": 2}, {"quantity": 1}),
        event(26, updated, 60, {"id": "sub_made", "quantity": 2}, {"quantity": 1}),
        event(27, updated, 60, {"id": "sub_made", "quantity": 1}, {"quantity": 2}),
    ]


def priced_events() -> list[tuple]:
    """A subscription's item, each day with one thing about it or its price changed."""
    item = {
        "id": "si_a",
        "quantity": 1,
        "price": {
            "id": "price_a",
            "nickname": "A",
            "product": "prod_a",
            "currency": "usd",
            "unit_amount": 1000,
            "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
            "transform_quantity": {"divide_by": 2, "round": "up"},
            "billing_scheme": "per_unit",
        },
    }
    changes = [
        ("id", "si_a"),
        ("id", "si_b"),
        ("quantity", 2),
        ("price.id", "price_b"),
        ("price.product", "prod_b"),
        ("price.currency", "eur"),
        ("price.unit_amount", 2000),
        ("price.recurring.interval", "year"),
        ("price.recurring.interval_count", 2),
        ("price.transform_quantity.divide_by", 3),
        ("price.transform_quantity.round", "down"),
        ("price.billing_scheme", "tiered"),
        ("price.tiers_mode", "volume"),
        ("price.tiers", [{"up_to": None, "unit_amount": 3000}]),
        ("price.recurring.usage_type", "metered"),
    ]
    events = []
    for day, (path, value) in enumerate(changes):
        *parents, member = path.split(".")
        functools.reduce(dict.__getitem__, parents, item)[member] = value
        items = {"object": "list", "data": [copy.deepcopy(item)]}
        state = {"id": "sub_priced", "status": "active", "items": items}
        events.append(event(100 + day, "customer.subscription.updated", 86_400 * day, state))
    return events


def archive() -> list[tuple]:
    """The seeds' events and those above, as raw rows; one id comes with two contents."""
    csv.field_size_limit(1 << 24)
    with (ROOT / "seeds/stripe/raw_stripe_events.csv").open(newline="") as file:
        rows = [
            (*(row[name] for name in ("id", "type", "created", "livemode", "api_version")),
             json.loads(row["payload"]), row["received_at"])
            for row in csv.DictReader(file)
        ]  # fmt: skip
    return rows + tied_events() + priced_events()


def insert(session, rows: list[tuple]) -> None:
    """Insert raw rows as the receiver would, bodies included where the table has them."""
    with session.cursor() as cursor:
        cursor.execute(
            "select from information_schema.columns where table_schema = 'raw'"
            " and table_name = 'stripe_events' and column_name = 'body'"
        )
        more, columns = (), COLUMNS
        if cursor.rowcount:
            more, columns = ("test", b"", b""), f"{COLUMNS}, source, body, body_sha256"
        values = [(*row[:5], Json(row[5]), row[6], *more) for row in rows]
        execute_values(cursor, f"insert into raw.stripe_events ({columns}) values %s", values)


def contents(warehouse) -> dict[str, list]:
    """What the marts hold, as sorted text, without what tells of arrival."""
    found = {}
    for relation, hidden in MARTS.items():
        rows = f"to_jsonb(rows) - '{{{hidden}}}'::text[]"
        query = f"select ({rows})::text from {relation} as rows order by 1"
        found[relation] = [line for (line,) in warehouse.query(query)]
    return found


def build(warehouse, vars: str = "") -> dict[str, list]:
    """Build what comes of Stripe's events and return what the marts hold."""
    warehouse.build(
        *("--select", "+transactions", "+subscription_periods", "+stripe_event_types"),
        *("+rejected_records", "path:models/staging/stripe"),
        "assert_events_lie_where_they_were_read",
        vars=vars,
    )
    return contents(warehouse)


@pytest.fixture(scope="module")
def expected(make_warehouse) -> dict[str, list]:
    """What the archive holds, read in one go, each event once, in order of time."""
    warehouse = make_warehouse("live", "live")
    plain_table(warehouse)
    session = warehouse.connect()
    with session:
        insert(session, archive())
    session.close()
    found = build(warehouse)
    assert len(found["finance.subscription_periods"]) > 10
    return found


def plain_table(warehouse) -> None:
    """A raw table that others made: no key, nothing but what it must have and received_at."""
    warehouse.query(
        "create schema raw; create table raw.stripe_events (id text, type text,"
        " created timestamptz, livemode boolean, api_version text, payload jsonb,"
        " received_at timestamptz)"
    )


def last_statuses(found: dict[str, list]) -> list[tuple]:
    rows = [json.loads(line) for line in found["finance.subscription_periods"]]
    tied = [row for row in rows if row["subscription_id"] == "sub_tie"]
    return [(row["status"], row["quantity"]) for row in sorted(tied, key=lambda r: r["starts_at"])]


def test_a_second_is_ordered_by_what_the_events_say_was_before(expected):
    assert [status for status, _ in last_statuses(expected)] == ["active", "unpaid"]
    positions = {}
    for line in expected["staging.stg_stripe__tie_positions"]:
        row = json.loads(line)
        positions[row["event_id"]] = row["tie_position"]
    names = {name: place for name, place in positions.items() if name.startswith("evt_tie")}
    assert [name for name, _ in sorted(names.items(), key=lambda item: item[::-1])] == [
        "evt_tie_23",
        "evt_tie_27",
        "evt_tie_5",
        "evt_tie_7",
        "evt_tie_9",
        "evt_tie_22",
        "evt_tie_26",
        "evt_tie_3",
        "evt_tie_6",
        "evt_tie_8",
        "evt_tie_4",
        "evt_tie_1",
        "evt_tie_2",
    ]


def test_whatever_changes_about_an_item_begins_another_span(expected):
    spans = [json.loads(line) for line in expected["finance.subscription_periods"]]
    priced = [span for span in spans if span["subscription_id"] == "sub_priced"]
    assert len(priced) == len(priced_events())


@pytest.mark.parametrize("number", range(100 if FULL else 2))
def test_any_order_and_any_repetition_give_the_same(make_warehouse, expected, number):
    chance = random.Random(number)
    warehouse = make_warehouse("live", "live")
    plain_table(warehouse)
    rows = archive()
    rows = [row for row in rows for _ in range(chance.randint(1, 5))]
    chance.shuffle(rows)
    goes = chance.choice([1, 3])
    session = warehouse.connect()
    for go in range(goes):
        with session:
            insert(session, rows[go::goes])
        found = build(warehouse)
    session.close()
    assert found == expected


def test_what_a_slower_writer_commits_later_is_read_too(make_warehouse, expected):
    """Two writers: the one with the earlier received_at and ids commits after the build began."""
    warehouse = make_warehouse("live", "live")
    slow, quick = warehouse.connect(), warehouse.connect()
    schema.ensure(slow)
    rows = {row[0]: row for row in reversed(archive())}
    rows = list(rows.values())
    insert(slow, rows[0::3])
    insert(quick, rows[1::3])
    quick.commit()
    build(warehouse)
    slow.commit()
    build(warehouse)
    insert(quick, rows[2::3])
    quick.commit()
    found = build(warehouse)
    slow.close()
    quick.close()
    assert found == expected
    warehouse.dbt("run", "--quiet", "--full-refresh", "--select", "path:models/staging/stripe")
    assert build(warehouse) == expected


def test_two_runs_at_once_lose_nothing(make_warehouse):
    """What another run reads while one waits or reads is of another batch, and yet to be read."""
    warehouse = make_warehouse("live", "live")
    other = warehouse.connect()
    schema.ensure(other)

    def arrives(number: int) -> None:
        (id_, _, *rest, payload, received) = event(number, "charge.succeeded", number, {})
        payload = {"data": {"object": {"object": "charge", "id": f"ch_{number}"}}}
        with other:
            insert(other, [(id_, "charge.succeeded", *rest, payload, received)])

    def run(*models: str) -> None:
        warehouse.dbt("run", "--quiet", "--select", *models)

    @contextmanager
    def while_held(statement: str, *models: str) -> Iterator[None]:
        """A run that waits for a lock of another one, which ends with the block."""
        other.cursor().execute(statement)
        waiting = threading.Thread(target=run, args=models)
        waiting.start()
        locked = "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
        while not warehouse.query(f"{locked} and datname = current_database()"):
            time.sleep(0.1)
        yield
        other.commit()
        waiting.join()

    def batches() -> list[tuple]:
        return warehouse.query("select batch from staging.stg_stripe__events order by occurred_at")

    charges = "select charge_id from staging.stg_stripe__charge_states order by 1"
    counted = (
        "update utilities.reads set last_batch = last_batch + {} where reader like '%events\"'"
    )
    arrives(1)
    run("stg_stripe__events", "stg_stripe__charge_states")
    arrives(2)
    with while_held(counted.format(0), "stg_stripe__events"):
        other.cursor().execute(counted.format(1))
    assert batches() == [(1,), (3,)]
    arrives(3)
    lock = "lock table staging.stg_stripe__charge_states in share mode"
    with while_held(lock, "stg_stripe__charge_states"):
        other.cursor().execute(
            "insert into staging.stg_stripe__events"
            " select id, type, 'charge', api_version, created, 3, received_at, ctid, 4"
            " from raw.stripe_events order by created desc limit 1;" + counted.format(1)
        )
    assert warehouse.query(charges) == [("ch_1",), ("ch_2",)]
    run("stg_stripe__charge_states")
    assert warehouse.query(charges) == [("ch_1",), ("ch_2",), ("ch_3",)]
    other.close()


def test_whom_only_others_name_is_inferred_until_known(make_warehouse):
    """Whichever build the news came in: an earlier one, this one, or none since."""
    warehouse = make_warehouse("live", "live")
    session = warehouse.connect()
    schema.ensure(session)

    def told(number: int, kind: str, **members: str) -> tuple:
        (id_, _, created, *others, _, received) = event(number, kind, number, {})
        payload = {"data": {"object": {"object": kind.split(".")[0], **members}}}
        return (id_, kind, created, *others, payload, received)

    def known_after(*rows: tuple) -> list[tuple]:
        with session:
            insert(session, list(rows))
        warehouse.build("--select", "+stripe_customers")
        return warehouse.query(
            "select stripe_customer_id, account_id, is_inferred from core.stripe_customers"
            " order by 1"
        )

    named = told(1, "charge.succeeded", id="ch_1", customer="cus_a")
    ((customer, account, is_inferred),) = known_after(named)
    assert (customer, account < 0, is_inferred) == ("cus_a", True, True)
    another = told(2, "invoice.paid", id="in_1", customer="cus_b")
    both = known_after(another)
    assert both[0] == ("cus_a", account, True)
    assert known_after() == both
    created = told(3, "customer.created", id="cus_a", metadata={"account_id": "7"})
    assert known_after(created) == [("cus_a", 7, False), both[1]]
    assert known_after(told(4, "charge.succeeded", id="ch_2", customer="cus_a")) == [
        ("cus_a", 7, False),
        both[1],
    ]
    # Of an id that comes again the first row counts, also where no index keeps the second out.
    warehouse.query("alter table raw.stripe_events drop constraint stripe_events_pkey")
    again = told(3, "customer.created", id="cus_a", metadata={"account_id": "8"})
    assert known_after((*again[:6], again[6] + timedelta(days=1)))[0] == ("cus_a", 7, False)
    session.close()


def test_the_test_mode_and_the_unknown_add_up_with_nothing(make_warehouse, expected):
    warehouse = make_warehouse("live", "live")
    plain_table(warehouse)
    rows = archive()
    shadows = [
        (f"{row[0]}_test", row[1], row[2], False, *row[4:])
        for row in rows
        if row[1] != "customer.created"
    ]
    strange = [
        *(("evt_x1", "kennel.painted", rows[0][2], True, None, {"data": {}} | said, None)
          for said in ({"account": 1}, {"account": 1, "pending_webhooks": 1}, {"account": 2})),
        ("evt_x2", "invoice.paid", rows[0][2], True, "2030-01-01", {"data": []}, None),
        ("evt_x3", "charge.succeeded", rows[0][2], True, None, {"data": {"object": 7}}, None),
        ("evt_x4", "invoice.upcoming", rows[0][2], True, None,
         {"data": {"object": {"object": "invoice"}}}, None),
        ("evt_x5", "charge.succeeded", rows[0][2], True, None,
         {"data": {"object": {"object": "charge", "id": "ch_x", "status": "succeeded",
                              "amount": 10 ** 30, "created": "soon", "currency": ["usd"]}}}, None),
        ("evt_x6", "customer.subscription.updated", rows[0][2], True, None,
         {"data": {"object": {"object": "subscription", "id": "sub_x", "items": {"data": [7, None]},
                              "discounts": {"a": 1}, "customer": {"x": 1}, "status": 5},
                   "previous_attributes": 7}}, None),
        ("evt_x7", "customer.subscription.updated", rows[0][2], True, None,
         {"data": {"object": {"object": "subscription", "id": "sub_x"},
                   "previous_attributes": {"status": None}}}, None),
        (None, "charge.succeeded", None, True, None, {}, None),
    ]  # fmt: skip
    session = warehouse.connect()
    with session:
        insert(session, rows + shadows + strange)
    session.close()
    found = build(warehouse)
    for relation, lines in found.items():
        assert [line for line in lines if "_x" not in line] == expected[relation], relation
    rejected = warehouse.query(
        "select record_key, rejection_reason from core.rejected_records"
        " where source = 'stripe_events' order by 1"
    )
    assert [reason for _, reason in rejected] == [
        "the id came before with another content",
        "the id came before with another content",
        "the event has no id",
    ]
    counts = warehouse.query(
        "select event_type, sum(event_count) - sum(test_mode_count) - sum(read_count)"
        " from core.stripe_event_types group by 1 having sum(event_count) > sum(read_count)"
    )
    unread = {kind: int(number) for kind, number in counts if number}
    assert unread["kennel.painted"] == 1
    assert unread["invoice.upcoming"] == 1
    assert unread["charge.succeeded"] == 1
    # What was read under another var, or on another server, is read anew.
    assert build(warehouse, vars="count_test_mode: true") != found
    modes = "select distinct livemode from staging.stg_stripe__events as events"
    modes += " inner join raw.stripe_events as raw_rows on events.place = raw_rows.ctid"
    assert warehouse.query(modes) == [(False,)]
    assert build(warehouse) == found
    warehouse.query("update staging.stg_stripe__subscription_states set status = 'unpaid'")
    warehouse.query(
        "update utilities.reads set part_key = replace(part_key, system_identifier::text, '1')"
        " from pg_control_system() where reader = 'code'"
    )
    assert build(warehouse) == found


def test_what_builds_on_its_own_rows_is_read_anew_by_another_version(make_warehouse, tmp_path):
    """Also where nothing but the SQL of one table is another."""
    warehouse = make_warehouse("live", "live")
    session = warehouse.connect()
    schema.ensure(session)
    with session:
        insert(session, [event(1, "customer.subscription.created", 1, {})])
    session.close()

    def customers(*options: str, **environ: str) -> list[tuple]:
        models = "staging +int_stripe_customers_linked"
        warehouse.dbt("run", "--quiet", "--select", *models.split(), *options, **environ)
        return warehouse.query(
            "select stripe_customer_id from intermediate.int_stripe_customers_linked"
        )

    assert customers() == [("cus_tie",)]
    for part in ROOT.glob("[!.]*"):
        if part.name != "models":
            (tmp_path / part.name).symlink_to(part)
    shutil.copytree(ROOT / "models", tmp_path / "models")
    (model,) = tmp_path.glob("models/**/int_stripe_customers_linked.sql")
    sql = model.read_text()
    model.write_text(sql.replace("stripe_customer_id is not null", "stripe_customer_id is null"))
    options = ("--project-dir", str(tmp_path))
    assert customers(*options, DBT_TARGET_PATH=str(tmp_path / "out")) == []


def order(warehouse, events: list[tuple[str, int, dict, dict | None]], before: dict | None) -> str:
    """The ids of events of one second (id, rank, state, previous attributes) in order."""
    names = ("id", "rank", "state", "previous")
    told = json.dumps([dict(zip(names, event, strict=True)) for event in events])
    ((ids,),) = warehouse.query(
        "select utilities.event_order(%s, %s)", [told, before and json.dumps(before)]
    )
    return "".join(ids)


def test_what_was_different_before_orders_three_events_of_one_second(seeded):
    """Whatever their ids say: each order of ids gives the order of the states."""
    for a, b, c in itertools.permutations("abc"):
        told = [(a, 3, {"n": 1}, {"n": 0}), (b, 3, {"n": 2}, {"n": 1}), (c, 3, {"n": 3}, {"n": 2})]
        assert order(seeded, told, {"n": 0}) == a + b + c


def test_without_a_word_of_before_the_life_cycle_orders(seeded):
    told = [("a", 9, {}, None), ("b", 1, {}, None), ("c", 3, {}, None)]
    assert order(seeded, told, None) == "bca"
    many = [(str(number), 8 - number, {}, None) for number in range(8)]
    assert order(seeded, many, None) == "76543210"


def test_nothing_changes_after_the_end(seeded):
    """Also where nothing is known of before, and what ended is as the first one began."""
    going = {"status": "active", "ended_at": None}
    gone = {"status": "canceled", "ended_at": 9}
    for a, b, c in itertools.permutations("abc"):
        told = [
            (a, 3, {"quantity": 2, **going}, {"quantity": 1}),
            (b, 3, {"quantity": 1, **going}, {"quantity": 2}),
            (c, 9, {"quantity": 1, **gone}, None),
        ]
        assert order(seeded, told, None) == a + b + c
        # What is made again under the same id begins anew.
        told = [
            (a, 9, {"percent_off": 5}, None),
            (b, 1, {"percent_off": 6, "name": "x"}, None),
            (c, 3, {"percent_off": 6, "name": "y"}, {"name": "x"}),
        ]
        assert order(seeded, told, {"percent_off": 5}) == a + b + c


def test_eight_events_of_one_second_follow_each_other(seeded):
    names = "hbdfgace"
    told = [
        (name, 3, {"n": number + 1, "flag": number % 2}, {"n": number, "flag": 1 - number % 2})
        for number, name in enumerate(names)
    ]
    assert order(seeded, told[::-1], None) == names


def test_a_long_chain_of_one_second_is_followed(seeded):
    names = [f"{number * 7 % 40:02}" for number in range(40)]
    told = [(name, 3, {"n": number + 1}, {"n": number}) for number, name in enumerate(names)]
    assert order(seeded, sorted(told), None) == "".join(names)


def test_two_versions_of_one_second_follow_each_other(seeded):
    def items(quantity: int) -> dict:
        item = {"id": "si", "quantity": quantity, "plan": {"id": "B"}, "price": {"id": "B"}}
        return {"items": {"object": "list", "data": [item]}}

    for a, b in itertools.permutations("ab"):
        told = [
            (a, 3, {"plan": {"id": "B"}, "quantity": 1}, {"plan": {"id": "A"}}),
            (b, 3, items(3), items(1)),
        ]
        assert order(seeded, told, None) == a + b


def test_a_longer_list_is_not_the_shorter_one(seeded):
    """An item comes, then the status changes; the items of before are part of those of after."""
    one, two = {"data": [{"id": "x"}]}, {"data": [{"id": "x"}, {"id": "y"}]}
    for a, b in itertools.permutations("ab"):
        told = [
            (a, 3, {"items": two, "status": "active"}, {"items": one}),
            (b, 3, {"items": two, "status": "past_due"}, {"status": "active"}),
        ]
        assert order(seeded, told, {"items": one, "status": "active"}) == a + b
        # Also where the state before is of a version that shows the items elsewhere.
        assert order(seeded, told, {"plan": "x", "status": "active"}) == a + b


def test_what_another_version_does_not_show_says_nothing(seeded):
    for a, b in itertools.permutations("ab"):
        told = [
            (a, 2, {"status": "open", "parent": 1}, None),
            (b, 3, {"status": "paid", "paid": True}, {"status": "open", "paid": False}),
        ]
        assert order(seeded, told, {"status": "draft", "parent": 1}) == a + b


def test_what_versions_show_more_of_within_a_member_did_not_change(seeded):
    """Events of one second, each in the shape of another version: their plan is the same one."""
    old = {"plan": {"id": "gold", "name": "Gold"}, "items": {"data": [{"id": "si"}]}}
    new = {
        "plan": {"id": "gold", "tiers": None},
        "items": {"data": [{"id": "si", "discounts": []}]},
    }
    for a, b, c in itertools.permutations("abc"):
        told = [
            (a, 3, {"quantity": 2, **new}, {"quantity": 1}),
            (b, 3, {"quantity": 1, **new}, {"quantity": 2}),
            (c, 3, {"quantity": 3, **old}, {"quantity": 1}),
        ]
        assert order(seeded, told, {"quantity": 1, **old}) == a + b + c
    # What metadata do not say was not said, and a list has its length.
    for less, more in (
        ({"metadata": {}}, {"metadata": {"seats": "2"}}),
        ({"items": {"data": [{"id": "si"}]}}, {"items": {"data": [{"id": "si"}, {"id": "sj"}]}}),
    ):
        for a, b, c in itertools.permutations("abc"):
            told = [
                (a, 3, {"quantity": 2, **less}, {"quantity": 1}),
                (b, 3, {"quantity": 1, **less}, {"quantity": 2}),
                (c, 3, {"quantity": 2, **more}, {"quantity": 1}),
            ]
            assert order(seeded, told, {"quantity": 1, **less}) == a + b + c


def test_what_metadata_lack_was_not_in_them(seeded):
    """They come to name an account and name it no more; the ids say that it comes last."""
    named, bare = {"metadata": {"account_id": "1"}}, {"metadata": {}}
    told = [
        ("9", 3, {"balance": 2, **bare}, {"balance": 1}),
        ("2", 3, {"balance": 2, **named}, {"metadata": {"account_id": None}}),
        ("1", 3, {"balance": 2, **bare}, named),
    ]
    assert order(seeded, told, {"balance": 1, **bare}) == "921"


def test_an_item_shown_with_more_than_before_is_the_same_one(seeded):
    """The first events in the shape of a newer version: what they show more of was there before."""

    def shown(quantity: int, **more: object) -> dict:
        return {"data": [{"id": "si", "price": {"id": "gold"}, "quantity": quantity, **more}]}

    new = {"discounts": ["di"], "current_period_end": 9}
    before = {"items": shown(1), "quantity": 1, "metadata": {"account_id": "1"}}
    for a, b in itertools.permutations("ab"):
        told = [
            (a, 3, {"items": shown(2, **new)}, {"items": shown(1, **new)}),
            (b, 3, {"items": shown(1, **new)}, {"items": shown(2, **new)}),
        ]
        assert order(seeded, told, before) == a + b
        told = [
            (a, 3, {"discounts": ["di"]}, {"discounts": []}),
            (b, 3, {"discounts": []}, {"discounts": ["di"]}),
        ]
        assert order(seeded, told, before | {"discount": None}) == a + b
        assert order(seeded, told, before | {"discount": {"id": "di"}}) == b + a
        told = [
            (a, 3, {"items": shown(2, **new)}, {"items": shown(1, **new)}),
            (b, 3, {"items": shown(1, **new)}, {"items": shown(2, **new)}),
        ]
        assert order(seeded, told, {"plan": {"id": "gold"}, "quantity": 1}) == a + b
        # What metadata do not say was not said.
        told = [
            (a, 3, {"metadata": {"account_id": "2"}}, {"metadata": {"account_id": None}}),
            (b, 3, {"metadata": {}}, {"metadata": {"account_id": "1"}}),
        ]
        assert order(seeded, told, before) == b + a

"""The Stripe events of the seeds: made the same each time, and what they promise is there."""

import csv
import io
import json
from collections import Counter

import pytest

from dogdb.demo import seeds


@pytest.fixture(scope="module")
def rows():
    return list(csv.DictReader(io.StringIO(seeds.text())))


@pytest.fixture(scope="module")
def events(rows):
    """Every event once, the first to arrive, in order of creation."""
    first = {}
    for row in rows:
        first.setdefault(row["id"], json.loads(row["payload"]))
    return sorted(first.values(), key=lambda event: event["created"])


def _of(events, version, kind):
    return [e["data"]["object"] for e in events if (e["api_version"], e["type"]) == (version, kind)]


def test_the_file_is_what_the_module_makes():
    made = seeds.text().encode()
    assert seeds.FILE.read_bytes() == made
    assert len(made) < 900_000


def test_columns_repeat_the_payload(rows):
    for row in rows:
        event = json.loads(row["payload"])
        assert (event["id"], event["type"], event["api_version"]) == (
            row["id"],
            row["type"],
            row["api_version"],
        )
        assert event["created"] == seeds.instant(row["created"].rstrip("Z").replace("T", " "))
        assert json.dumps(event["livemode"]) == row["livemode"]
        assert row["received_at"] >= row["created"]


def test_the_newest_event_is_of_the_last_evening_of_march(rows):
    assert "2024-03-31T18:00:00Z" <= max(row["created"] for row in rows) <= "2024-03-31T23:59:59Z"


def test_some_events_come_twice_late_or_changed(rows):
    contents = {}
    for row in rows:
        contents.setdefault(row["id"], Counter())[row["payload"]] += 1
    assert sum(max(c.values()) > 1 for c in contents.values()) >= 5
    assert sum(len(c) > 1 for c in contents.values()) == 1
    created = [row["created"] for row in rows]
    assert created != sorted(created)
    assert sum(row["livemode"] == "false" for row in rows) == 1
    assert sum(row["type"] == "kennel.opened" for row in rows) == 1


def test_three_api_versions_follow_each_other(events):
    versions = [e["api_version"] for e in events]
    assert versions == sorted(versions)
    assert set(versions) == {"2018-02-28", "2019-12-03", "2022-11-15"}


def test_subscriptions_end_as_the_application_says(events):
    state, customers = {}, {}
    for event in events:
        thing = event["data"]["object"]
        if event["type"].startswith("customer.subscription."):
            state[thing["id"]] = thing
        elif event["type"] == "customer.created" and event["livemode"]:
            customers[thing["id"]] = thing
    named = {
        (c["metadata"].get("account_id"), c["email"]): [
            (
                s["status"],
                (s["items"]["data"][0].get("price") or s["items"]["data"][0]["plan"])["nickname"],
            )
            for s in state.values()
            if s["customer"] == c["id"]
        ]
        for c in customers.values()
    }
    assert named == {
        ("1", "abc@123.com"): [("active", "Free")],
        ("2", "123@abc.com"): [("canceled", "Medium"), ("active", "Medium")],
        ("3", "hello@world.com"): [("active", "Enterprise")],
        (None, "fakedatarules@gophermail.com"): [("active", "Medium")],
        ("35", "skidboot@heelermail.com"): [("active", "Enterprise")],
    }


def test_no_subscription_is_behind(events):
    newest = {}
    for event in events:
        if event["type"].startswith("customer.subscription."):
            newest[event["data"]["object"]["id"]] = event["data"]["object"]
    now = events[-1]["created"]
    for thing in newest.values():
        assert thing["status"] == "canceled" or thing["current_period_end"] > now


def test_shapes_of_the_oldest_version(events):
    subscription = _of(events, "2018-02-28", "customer.subscription.updated")[0]
    assert {"plan", "quantity", "current_period_end", "billing", "start"} <= subscription.keys()
    assert "price" not in subscription["items"]["data"][0]
    invoice = _of(events, "2018-02-28", "invoice.payment_succeeded")[0]
    assert {"closed", "date", "subscription", "charge", "paid"} <= invoice.keys()
    assert not {"status", "status_transitions", "created"} & invoice.keys()
    assert "plan" in invoice["lines"]["data"][0]
    charge = _of(events, "2018-02-28", "charge.succeeded")[0]
    assert charge["source"]["object"] == "card"
    assert "payment_method_details" not in charge


def test_shapes_of_the_newest_version(events):
    subscription = _of(events, "2022-11-15", "customer.subscription.updated")[0]
    item = subscription["items"]["data"][0]
    assert item["price"]["recurring"]["interval"] == "month"
    invoice = _of(events, "2022-11-15", "invoice.paid")[0]
    assert invoice["status"] == "paid"
    assert invoice["status_transitions"]["paid_at"]
    assert "total_tax_amounts" in invoice
    charge = _of(events, "2022-11-15", "charge.succeeded")[0]
    assert charge["payment_method_details"]["card"]["last4"]
    assert "source" not in charge


def test_truth_by_hand():
    mrr, cash, months, cohorts = {}, Counter(), {}, {}
    for it in seeds.truth():
        if it["kind"] == "mrr":
            mrr[it["account"], it["month"][:7]] = it["mrr"]
        elif it["kind"] == "month":
            months[it["month"][:7]] = it
        elif it["kind"] == "cohort":
            cohorts[it["cohort_month"][:7], it["month_offset"]] = it["active_accounts"]
        elif it["kind"] == "cash":
            cash.update({name: it[name] for name in ("gross", "refunds", "disputes_won", "net")})
    assert mrr["3", "2019-08"] == "5000"
    assert mrr["3", "2019-09"] == "50000"
    assert mrr["2", "2020-01"] == "5000"
    assert mrr["2", "2020-11"] == "5000"
    assert not {("2", f"2021-0{month}") for month in (5, 6, 7)} & mrr.keys()
    assert mrr["2", "2021-08"] == "5000"
    last = {account: amount for (account, month), amount in mrr.items() if month == "2024-03"}
    assert sorted(last.values()) == ["5000", "5000", "50000", "50000"]
    assert {"2", "3", "35"} < last.keys()
    assert (cash["refunds"], cash["disputes_won"]) == (3250, 5000)
    # Account 3 goes from 50 to 500 USD; account 2, alone in its cohort, is away from May to July.
    assert (months["2019-09"]["expansion"], months["2019-09"]["new"]) == ("45000", "0")
    assert months["2021-05"]["churn"] == "-5000"
    assert (months["2021-08"]["reactivation"], months["2021-08"]["reactivated_accounts"]) == (
        "5000",
        1,
    )
    assert [cohorts["2020-01", offset] for offset in (0, 15, 16, 18, 19, 50)] == [1, 1, 0, 0, 1, 1]
    assert ("2020-01", 51) not in cohorts
    assert months["2024-03"]["closing"] == "110000"


def test_the_promised_situations_occur(events):
    kinds = Counter(event["type"] for event in events)
    for kind in (
        "charge.dispute.closed",
        "charge.failed",
        "charge.refunded",
        "customer.subscription.deleted",
        "invoice.payment_failed",
        "refund.created",
    ):
        assert kinds[kind]
    former = [e["data"].get("previous_attributes", {}) for e in events]
    assert {"status": "past_due"} in former
    assert any(
        line["proration"] and line["amount"] < 0
        for event in events
        if event["type"].startswith("invoice.")
        for line in event["data"]["object"]["lines"]["data"]
    )
    assert any(
        event["data"]["object"].get("paid_out_of_band")
        for event in events
        if event["type"].startswith("invoice.")
    )

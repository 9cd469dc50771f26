"""`dogdb demo`: the same company each time, its events tell its truth, and everything happens."""

import datetime as dt
import json
from bisect import bisect_left
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType, SimpleNamespace

import pytest

from dogdb.demo import mrr
from dogdb.demo.book import Book, Change
from dogdb.demo.company import Company
from dogdb.demo.objects import Coupon, Customer, Discount, Item, Price, Subscription, Tier
from dogdb.demo.produce import Wanted, piece_of, pieces
from dogdb.demo.shapes.template import (
    BASIL,
    CLOVER,
    LATEST_CHARGE,
    OLDEST,
    SETTINGS,
    SHAPES,
    SINGLE_PRICE,
    shape_of,
    template,
)
from dogdb.demo.totals import total_records, totals_of
from dogdb.demo.truth import lines, month_end_mrr, month_of, status_spans

COMPANY = Company(accounts=450, months=24, seed=7, end=dt.date(2025, 12, 31))
ALL = Wanted(rows=True, jsonl=True, truth=True)


@pytest.fixture(scope="module")
def made():
    return piece_of(COMPANY, range(COMPANY.accounts + 1), ALL)


@pytest.fixture(scope="module")
def deliveries(made):
    return [json.loads(line) for line in made.jsonl.splitlines()]


@pytest.fixture(scope="module")
def events(deliveries):
    """Live events, each once, as they happened; an id's end counts within an account."""
    once = {event["id"]: event for event in deliveries if event["livemode"]}
    return sorted(once.values(), key=lambda event: (event["created"], event["id"]))


@pytest.fixture(scope="module")
def truth(made):
    records = defaultdict(list)
    for line in (made.truth + lines(total_records(COMPANY, made.totals))).splitlines():
        record = json.loads(line)
        records[record["kind"]].append(SimpleNamespace(**record))
    return records


def is_subscription(event):
    """Whether an event shows a subscription: its type is not enough, its shape may be anybody's."""
    thing = event["data"]["object"]
    return isinstance(thing, dict) and thing["object"] == "subscription"


# A small reader of events, written from the definitions and not from the simulation.


def _tiers(it):
    return tuple(Tier(t["up_to"], t["unit_amount"], t["flat_amount"]) for t in it["tiers"] or ())


def _price(it, tiers=MappingProxyType({})):
    recurring = it.get("recurring") or it
    package = it.get("transform_quantity") or it.get("transform_usage") or {}
    return Price(
        id=it["id"],
        product=it["product"],
        nickname=it["nickname"],
        currency=it["currency"],
        unit_amount=it["unit_amount"] if "unit_amount" in it else it["amount"],
        created=it["created"],
        interval=recurring["interval"],
        interval_count=recurring["interval_count"],
        unit_amount_decimal=it["unit_amount_decimal"]
        if "unit_amount" in it
        else it["amount_decimal"],
        tiers_mode=it["tiers_mode"],
        tiers=_tiers(it) if "tiers" in it else tiers[it["id"]],
        divide_by=package.get("divide_by", 1),
        round_to=package.get("round", "up"),
        is_metered=recurring["usage_type"] == "metered",
    )


def _discount(it):
    coupon = it["source"]["coupon"] if "source" in it else it["coupon"]
    percent = coupon["percent_off"]
    return Discount(
        id=it.get("id", ""),
        coupon=Coupon(
            coupon["id"],
            coupon["name"],
            coupon["duration"],
            coupon["created"],
            None if percent is None else str(percent),
            coupon["amount_off"],
        ),
        customer=it["customer"],
        start=it["start"],
        end=it["end"],
    )


def _tiers_told(events):
    """Return every price's tiers as its own event tells them."""
    kinds = ("plan.created", "price.created")
    own = [e["data"]["object"] for e in events if e["type"] in kinds]
    return {it["id"]: _tiers(it) for it in own}


def _subscription(it, known, tiers):
    def discounts(thing):
        if "discounts" in thing:
            return tuple(known[name] for name in thing["discounts"])
        return (_discount(thing["discount"]),) if thing.get("discount") else ()

    items = tuple(
        Item(
            i["id"],
            _price(i.get("price") or i["plan"], tiers),
            i["quantity"],
            i["created"],
            discounts(i),
        )
        for i in it["items"]["data"]
    )
    return Subscription(
        id=it["id"],
        customer=it["customer"],
        created=it["created"],
        anchor=0,
        status=it["status"],
        items=items,
        period_start=0,
        period_end=0,
        discounts=discounts(it),
    )


def _accounts(events):
    return {
        e["data"]["object"]["id"]: e["data"]["object"]["metadata"].get("account_id")
        or e["data"]["object"]["id"]
        for e in events
        if e["type"] == "customer.created"
    }


def read_mrr(events):
    """Read month-end MRR from events, by account, month and currency."""
    accounts = _accounts(events)
    known = {
        e["data"]["object"]["id"]: _discount(e["data"]["object"])
        for e in events
        if e["type"] == "customer.discount.created"
    }
    tiers = _tiers_told(events)
    result = defaultdict(Fraction)
    states, own, position = {}, {}, 0
    created = [event["created"] for event in events]
    starts = COMPANY.month_starts
    for month, end in pairwise(starts):
        until = bisect_left(created, end)
        for event in events[position:until]:
            thing = event["data"]["object"]
            if is_subscription(event):
                states[thing["id"]] = _subscription(thing, known, tiers)
            elif event["type"] in ("customer.created", "customer.updated"):
                own[thing["id"]] = _discount(thing["discount"]) if thing["discount"] else None
        position = until
        for it in states.values():
            amount = mrr.subscription_mrr(it, own.get(it.customer), end - 1)
            if amount:
                result[accounts[it.customer], month_of(month), it.currency] += amount
    return dict(result)


def read_cash(events):
    """Read the money that moved from events, by account, month, currency and kind."""
    accounts = _accounts(events)
    result = Counter()
    owner, through_stripe = {}, set()

    def note(customer, at, currency, kind, amount):
        result[accounts[customer], month_of(at), currency, kind] += amount

    for event in events:
        thing, kind, at = event["data"]["object"], event["type"], event["created"]
        if kind == "charge.succeeded":
            owner[thing["id"]] = thing["customer"]
            note(thing["customer"], thing["created"], thing["currency"], "gross", thing["amount"])
        elif kind == "charge.refunded":
            more = thing["amount_refunded"]
            more -= event["data"]["previous_attributes"]["amount_refunded"]
            note(thing["customer"], at, thing["currency"], "refunds", more)
        elif kind == "charge.dispute.created":
            customer = owner[thing["charge"]]
            note(customer, at, thing["currency"], "disputes_opened", thing["amount"])
        elif kind == "charge.dispute.closed":
            name = f"disputes_{thing['status']}"
            note(owner[thing["charge"]], at, thing["currency"], name, thing["amount"])
        elif kind == "invoice_payment.paid":
            through_stripe.add(thing["invoice"])
    for event in events:
        thing, version = event["data"]["object"], event["api_version"]
        name = "invoice.paid" if version >= SINGLE_PRICE else "invoice.payment_succeeded"
        if event["type"] == name and thing["amount_due"]:
            outside = thing.get("paid_out_of_band", thing["id"] not in through_stripe)
            if outside:
                at = thing.get("status_transitions", {}).get("paid_at") or event["created"]
                amount = thing["amount_due"]
                note(thing["customer"], at, thing["currency"], "out_of_band", amount)
    return {key: amount for key, amount in result.items() if amount}


def test_events_tell_the_true_mrr(events, truth):
    told = {(it.account, it.month, it.currency): Fraction(it.mrr) for it in truth["mrr"]}
    assert len(told) > 1500
    assert read_mrr(events) == told


def test_events_tell_the_true_cash(events, truth):
    kinds = ("gross", "out_of_band", "refunds", "disputes_opened", "disputes_won", "disputes_lost")
    told = {
        (it.account, it.month, it.currency, kind): getattr(it, kind)
        for it in truth["cash"]
        for kind in kinds
        if getattr(it, kind)
    }
    assert set(kinds) == {kind for *_, kind in told}
    assert read_cash(events) == told


def test_truth_agrees_with_itself(truth):
    for it in truth["cash"]:
        gained = it.gross + it.out_of_band + it.disputes_won
        assert it.net == gained - it.refunds - it.disputes_opened
    paid = defaultdict(list)
    for it in truth["mrr"]:
        assert Fraction(it.mrr) > 0
        paid[it.account].append(it.month)
    for it in truth["account"]:
        assert it.first_paid_month == min(paid[it.account], default=None)
    spans = defaultdict(list)
    for it in truth["status"]:
        spans[it.subscription].append(it)
    for them in spans.values():
        assert them[-1].ends_at is None
        for one, other in pairwise(them):
            assert one.ends_at == other.starts_at
            assert one.status != other.status


def test_totals_are_those_of_the_accounts(truth):
    """Every total is counted again here, from the accounts' records and in another way."""
    months = [month_of(at) for at in COMPANY.month_starts[:-1]]
    before = dict(zip(months[1:], months, strict=False))
    mrr = {(it.account, it.month): Fraction(it.mrr) for it in truth["mrr"]}
    currency = {it.account: it.currency for it in truth["mrr"]}
    first = {it.account: it.first_paid_month for it in truth["account"] if it.first_paid_month}
    assert len(truth["month"]) == 5 * len(months)
    seen = Counter()
    for it in truth["month"]:
        parts = Counter(closing=Fraction(0))
        for account in first:
            if currency[account] != it.currency:
                continue
            was = mrr.get((account, before.get(it.month)), Fraction(0))
            now = mrr.get((account, it.month), Fraction(0))
            parts.update(
                opening=was, closing=now, opening_accounts=was > 0, closing_accounts=now > 0
            )
            if was and now:
                parts["expansion" if now > was else "contraction"] += now - was
            elif was:
                parts.update(churn=-was, churned_accounts=1)
            elif now and it.month == first[account]:
                parts.update(new=now, new_accounts=1)
            elif now:
                parts.update(reactivation=now, reactivated_accounts=1)
        told = {
            k: Fraction(v) for k, v in vars(it).items() if k not in ("kind", "month", "currency")
        }
        assert {name: amount for name, amount in told.items() if amount} == {
            name: amount for name, amount in parts.items() if amount
        }
        moves = ("new", "expansion", "contraction", "churn", "reactivation")
        assert told["opening"] + sum(told[name] for name in moves) == told["closing"]
        seen.update(name for name in moves if told[name])
    assert len(seen) == 5

    for it in truth["cohort"]:
        them = [account for account in first if first[account] == it.cohort_month]
        month = months[months.index(it.cohort_month) + it.month_offset]
        assert it.accounts == len(them) > 0
        assert it.active_accounts == sum((account, month) in mrr for account in them)
    cohorts = Counter(it.cohort_month for it in truth["cohort"])
    assert cohorts == {month: len(months) - months.index(month) for month in first.values()}


def test_payment_months_are_those_of_the_charges(truth):
    paid = defaultdict(set)
    for it in truth["cash"]:
        if it.gross:
            paid[it.month].add(it.account)
    met, last = set(), set()
    assert [it.month for it in truth["activity"]] == [
        month_of(at) for at in COMPANY.month_starts[:-1]
    ]
    for it in truth["activity"]:
        now = paid[it.month]
        assert it.customers == len(now) == it.new + it.retained + it.returning
        assert it.new == len(now - met)
        assert it.retained == len(now & last)
        assert it.churned == len(last - now)
        met, last = met | now, now
    assert sum(it.returning for it in truth["activity"]) > 0


def _lived(*changes, discounts=()):
    """A book of one subscription of 100.00 USD a month with these states, by instant."""
    book = Book("x" * 12)
    book.customers["cus"] = Customer("cus", 0, "usd", account_id="a")
    items = (Item("si", _plain(), 10, 0),)
    for at, status in changes:
        it = Subscription("sub", "cus", 0, 0, status, items, 0, 0, discounts=discounts)
        book.changes.append(Change(at, it, "a"))
    return book


def test_a_status_of_no_duration_was_never_had():
    lived = _lived((1, "trialing"), (1, "active"), (5, "past_due"), (5, "active"), (9, "canceled"))
    told = [(it["status"], it["starts_at"], it["ends_at"]) for it in status_spans(lived)]
    first, last = "1970-01-01T00:00:01Z", "1970-01-01T00:00:09Z"
    assert told == [("active", first, last), ("canceled", last, None)]


START, *_ = COMPANY.month_starts
SECOND, THIRD = COMPANY.month_starts[1:3]
MONTHS = [month_of(at) for at in COMPANY.month_starts]


@pytest.mark.parametrize("begins, months", [(SECOND - 1, MONTHS[0]), (SECOND, MONTHS[1])])
def test_a_month_ends_before_the_first_instant_of_the_next(begins, months):
    told = month_end_mrr(COMPANY, _lived((begins, "active")))
    assert min(month for _, month, _ in told) == months


@pytest.mark.parametrize("end, last", [(THIRD, 1), (THIRD - 1, 0), (THIRD + 1, 1)])
def test_a_discount_that_ends_with_the_month_still_counts_at_its_end(end, last):
    coupon = Coupon("c", "c", "repeating", 0, percent_off="50", months=2)
    given = Discount("di", coupon, "cus", START, end)
    alone = _lived((START, "active"), discounts=(given,))
    inherited = _lived((START, "active"))
    inherited.discounts["cus"] = [(START, given), (end, None)]
    for book in (alone, inherited):
        told = month_end_mrr(COMPANY, book)
        assert [told["a", month, "usd"] for month in MONTHS[:4]] == [
            5000 if number <= last else 10000 for number in range(4)
        ]


def test_totals_name_the_movements():
    book = _lived((START, "active"), (SECOND, "unpaid"), (THIRD - 1, "active"), (THIRD, "canceled"))
    totals = totals_of(COMPANY, book, month_end_mrr(COMPANY, book))
    first, second, third = (
        {k: v for k, v in it.items() if v not in (0, "0")}
        for it in list(total_records(COMPANY, totals))[:3]
    )
    assert (first["new"], first["new_accounts"], first["closing"]) == ("10000", 1, "10000")
    assert (second["opening"], second["closing"]) == ("10000", "10000")
    assert (third["churn"], third["churned_accounts"]) == ("-10000", 1)
    assert "closing" not in third


def test_the_same_arguments_make_the_same_bytes(made):
    small = Company(60, 24, 7, dt.date(2025, 12, 31))
    assert piece_of(small, range(61), ALL) == piece_of(small, range(61), ALL)
    other = Company(60, 24, 8, dt.date(2025, 12, 31))
    assert piece_of(small, range(61), ALL).jsonl != piece_of(other, range(61), ALL).jsonl
    alone = list(pieces(small, ALL, processes=1))
    together = list(pieces(small, ALL, processes=2))
    assert alone == together


def test_nothing_happens_outside_the_history(events):
    assert COMPANY.starts_at <= events[0]["created"]
    assert events[-1]["created"] < COMPANY.ends_at


def test_same_second_states_are_ordered_by_their_previous_attributes(events):
    newest, ties = {}, 0
    for event in events:
        if event["type"] != "customer.subscription.updated" or not is_subscription(event):
            if event["type"] == "customer.subscription.created":
                newest[event["data"]["object"]["id"]] = event
            continue
        thing, former = event["data"]["object"], event["data"]["previous_attributes"]
        before = newest[thing["id"]]
        if before["created"] == event["created"]:
            ties += 1
            if before["api_version"] == event["api_version"]:
                assert {name: before["data"]["object"][name] for name in former} == former
        newest[thing["id"]] = event
    assert ties > 5


def test_duplicates_are_identical_and_arrival_is_out_of_order(made):
    lines = made.jsonl.splitlines()
    ids = Counter(json.loads(line)["id"] for line in lines)
    assert len(lines) == made.deliveries > made.events == len(ids) == len(set(lines))
    created = [json.loads(line)["created"] for line in lines]
    assert created != sorted(created)


def test_versions_follow_each_other(events):
    assert [version for _, version in COMPANY.versions] == [OLDEST, LATEST_CHARGE, BASIL, CLOVER]
    order = [event["api_version"] for event in events]
    assert order == sorted(order)


def test_a_version_is_not_used_before_its_date():
    early = Company(5, 24, 1, dt.date(2024, 6, 30))
    assert [version for _, version in early.versions] == [OLDEST, LATEST_CHARGE]


@pytest.mark.parametrize("version", [OLDEST, "2019-12-03", LATEST_CHARGE, BASIL, CLOVER])
def test_shapes_name_each_field_where_its_version_has_it(version):
    def has(name, *path):
        shape = SHAPES[name](version)
        for part in path:
            shape = shape.get(part) if isinstance(shape, dict) else None
        return shape is not None

    is_basil = version >= BASIL
    assert has("subscription", "plan") is not is_basil
    assert has("subscription", "current_period_end") is not is_basil
    assert has("subscription_item", "current_period_end") is is_basil
    assert has("subscription_item", "price") is (version >= SINGLE_PRICE)
    assert has("subscription", "discount") is not is_basil
    assert has("invoice", "subscription") is not is_basil
    assert has("invoice", "charge") is not is_basil
    assert has("invoice", "paid") is not is_basil
    assert has("invoice", "parent", "subscription_details", "subscription") is is_basil
    assert has("invoice", "total_taxes") is is_basil
    assert has("invoice", "total_tax_amounts") is (OLDEST < version < BASIL)
    assert has("invoice", "status_transitions") is (version > OLDEST)
    assert has("invoice_line", "pricing", "price_details", "price") is is_basil
    assert has("invoice_line", "price") is (SINGLE_PRICE <= version < BASIL)
    assert has("charge", "source") is (version == OLDEST)
    assert has("charge", "payment_method_details") is (version > OLDEST)
    assert has("charge", "invoice") is not is_basil
    assert has("discount", "coupon") is (version < CLOVER)
    assert has("discount", "source", "coupon") is (version >= CLOVER)
    for name in SHAPES:
        assert "%(" in template(name, version)


def test_lean_objects_leave_out_what_says_nothing_of_what_happened():
    whole, lean = (shape_of("charge", CLOVER, is_lean) for is_lean in (False, True))
    assert {"receipt_url", "on_behalf_of", "shipping"} <= set(whole) - set(lean)
    assert set(lean["payment_method_details"]["card"]) >= {"last4", "brand", "fingerprint"}
    assert not set(lean["payment_method_details"]["card"]) & SETTINGS


def test_an_invoice_has_a_page_from_when_it_is_final(events):
    found = set()
    for event in events:
        it = event["data"]["object"]
        if isinstance(it, dict) and it["object"] == "invoice":
            is_draft = it.get("status_transitions", it)["finalized_at"] is None
            found.add((is_draft, it["hosted_invoice_url"] is None, it["invoice_pdf"] is None))
    assert found == {(True, True, True), (False, False, False)}


def test_invoices_add_up(events):
    checked = 0
    for event in events:
        it = event["data"]["object"]
        if not isinstance(it, dict) or it["object"] != "invoice":
            continue
        lines = it["lines"]["data"]
        assert it["subtotal"] == sum(line["amount"] for line in lines)
        assert all(line["period"]["start"] < line["period"]["end"] for line in lines)
        owed = it["total"] + it["starting_balance"] - it["pre_payment_credit_notes_amount"]
        assert it["amount_due"] == max(0, owed)
        if event["api_version"] < SINGLE_PRICE:
            continue
        taken = sum(part["amount"] for part in it["total_discount_amounts"])
        tax = sum(part["amount"] for part in it.get("total_tax_amounts", it.get("total_taxes")))
        assert it["total"] == it["subtotal"] - taken + tax
        assert taken == sum(p["amount"] for line in lines for p in line["discount_amounts"])
        assert it["amount_due"] == it["amount_paid"] + it["amount_remaining"]
        checked += 1
    assert checked > 1000


def test_events_have_a_real_size(made):
    assert 2000 < len(made.jsonl) / made.deliveries < 4000


SITUATIONS = {
    "trial": lambda e, o: o.get("status") == "trialing",
    "incomplete": lambda e, o: o.get("status") == "incomplete",
    "incomplete_expired": lambda e, o: o.get("status") == "incomplete_expired",
    "past due": lambda e, o: o.get("status") == "past_due",
    "recovered": lambda e, o: (
        e["data"].get("previous_attributes", {}).get("status") == "past_due"
        and o["status"] == "active"
    ),
    "unpaid": lambda e, o: o.get("status") == "unpaid",
    "status paused": lambda e, o: o.get("status") == "paused",
    "resumed": lambda e, o: e["type"] == "customer.subscription.resumed",
    "collection paused": lambda e, o: bool(o.get("pause_collection")),
    "canceled": lambda e, o: e["type"] == "customer.subscription.deleted",
    "at period end": lambda e, o: o.get("cancel_at_period_end") is True,
    "void": lambda e, o: e["type"] == "invoice.voided",
    "uncollectible": lambda e, o: e["type"] == "invoice.marked_uncollectible",
    "credit note": lambda e, o: e["type"] == "credit_note.created",
    "partial refund": lambda e, o: e["type"] == "charge.refunded" and not o["refunded"],
    "full refund": lambda e, o: e["type"] == "charge.refunded" and o["refunded"],
    "refund": lambda e, o: e["type"] == "refund.created",
    "dispute won": lambda e, o: e["type"] == "charge.dispute.closed" and o["status"] == "won",
    "dispute lost": lambda e, o: e["type"] == "charge.dispute.closed" and o["status"] == "lost",
    "failed": lambda e, o: e["type"] == "invoice.payment_failed",
    "out of band": lambda e, o: o.get("paid_out_of_band") is True,
    "invoice payment": lambda e, o: e["type"] == "invoice_payment.paid",
    "proration": lambda e, o: (
        o.get("object") == "invoice" and any(line["amount"] < 0 for line in o["lines"]["data"])
    ),
    "tax": lambda e, o: bool(o.get("total_tax_amounts") or o.get("total_taxes")),
    "customer's balance": lambda e, o: o.get("balance", 0) < 0,
    "customer's discount": lambda e, o: o.get("object") == "customer" and bool(o["discount"]),
    "stacked": lambda e, o: o.get("object") == "subscription" and len(o.get("discounts", ())) > 1,
    "item's discount": lambda e, o: (
        o.get("object") == "subscription" and any(i.get("discounts") for i in o["items"]["data"])
    ),
    "two items": lambda e, o: o.get("object") == "subscription" and o["items"]["total_count"] > 1,
    "wallet": lambda e, o: '"type": "apple_pay"' in json.dumps(o),
    "no metadata": lambda e, o: o.get("object") == "customer" and not o["metadata"],
    "unknown shape": lambda e, o: (
        e["type"] in ("customer.subscription.updated", "invoice.updated")
        and o.get("object") not in ("subscription", "invoice")
    ),
    "item's stacked": lambda e, o: (
        o.get("object") == "subscription"
        and any(len(i.get("discounts", ())) > 1 for i in o["items"]["data"])
    ),
    "three stacked": lambda e, o: (
        o.get("object") == "subscription" and len(o.get("discounts", ())) > 2
    ),
    "a month's first instant": lambda e, o: (
        o.get("object") == "subscription" and e["created"] in COMPANY.month_starts
    ),
    "a subscription's discount ends with a month": lambda e, o: (
        o.get("object") == "discount"
        and bool(o.get("subscription"))
        and o["end"] in COMPANY.month_starts
    ),
    "a customer's discount ends with a month": lambda e, o: (
        o.get("object") == "discount"
        and not o.get("subscription")
        and o["end"] in COMPANY.month_starts
    ),
    "tiers of another event": lambda e, o: (
        o.get("object") == "subscription"
        and any(
            "tiers" not in i["price"] and i["price"]["tiers_mode"]
            for i in o["items"]["data"]
            if "price" in i
        )
    ),
    "unknown": lambda e, o: e["type"] in ("kennel.opened", "v2.core.bone.buried", "radar.sniffed"),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_occurs(name, events):
    holds = SITUATIONS[name]
    for event in events:
        thing = event["data"]["object"]
        if holds(event, thing if isinstance(thing, dict) else {}):
            return
    pytest.fail(f"no event shows: {name}")


def test_every_price_and_every_kind_of_coupon_is_in_use(events):
    states = [
        _subscription(e["data"]["object"], defaultdict(lambda: None), _tiers_told(events))
        for e in events
        if e["type"] == "customer.subscription.created"
    ]
    used = [item.price for it in states for item in it.items]
    assert {(price.interval, price.interval_count) for price in used} >= {
        ("month", 1),
        ("month", 3),
        ("year", 1),
        ("week", 1),
        ("week", 2),
    }
    assert {price.currency for price in used} == {"usd", "eur", "gbp", "jpy", "kwd"}
    assert {price.tiers_mode for price in used} == {None, "graduated", "volume"}
    assert any(price.is_metered for price in used)
    assert any(price.divide_by > 1 for price in used)
    assert any(price.unit_amount is None and not price.tiers for price in used)
    given = [
        _discount(e["data"]["object"]).coupon
        for e in events
        if e["type"] == "customer.discount.created"
    ]
    kinds = {(coupon.duration, coupon.amount_off is None) for coupon in given}
    assert kinds == {(d, p) for d in ("forever", "repeating", "once") for p in (True, False)}


def test_accounts_come_back_and_have_several_customers(events, deliveries):
    customers = Counter(
        e["data"]["object"]["metadata"].get("account_id")
        for e in events
        if e["type"] == "customer.created"
    )
    del customers[None]
    assert max(customers.values()) > 1
    statuses = defaultdict(set)
    for event in events:
        if is_subscription(event):
            thing = event["data"]["object"]
            statuses[thing["customer"]].add((thing["id"], thing["status"]))
    assert any(
        len({name for name, _ in them}) > 1 and any(status == "canceled" for _, status in them)
        for them in statuses.values()
    )
    assert any(not event["livemode"] for event in deliveries)


def test_the_application_has_its_rows(made):
    accounts = made.tables["customer_accounts"].splitlines()
    assert 0.97 * COMPANY.accounts < len(accounts) <= COMPANY.accounts
    licences = [line.split("\t")[1] for line in made.tables["customer_licenses"].splitlines()]
    curly = [text for text in licences if "“" in text]
    assert 0 < len(curly) < len(licences)
    for text in licences:
        licence = json.loads(text.replace("“", '"').replace("”", '"'))
        assert licence.keys() == {"license_id", "role", "status"}
    assert len(made.tables["ad_spend"].splitlines()) == 3 * COMPANY.months
    rates = {
        tuple(line.split("\t")[:2]): line.split("\t")[2]
        for line in made.tables["fx_rates"].splitlines()
    }
    assert {currency for _, currency in rates} == {"usd", "eur", "gbp", "jpy", "kwd"}
    assert len(rates) < 5 * COMPANY.months
    for table in ("customer_interactions", "user_first_install_fact"):
        assert made.tables[table]


# The amounts themselves, with numbers worked out by hand.


def _plain(**how):
    return Price("price_x", "prod_x", "X", "usd", how.pop("unit_amount", 1000), 0, **how)


@pytest.mark.parametrize(
    "price, quantity, monthly",
    [
        (_plain(), 3, Fraction(3000)),
        (_plain(interval="year"), 1, Fraction(1000, 12)),
        (_plain(interval="week"), 1, Fraction(52000, 12)),
        (_plain(interval="day"), 1, Fraction(365000, 12)),
        (_plain(interval_count=3), 1, Fraction(1000, 3)),
        (_plain(unit_amount=None, unit_amount_decimal="0.5"), 3, Fraction(3, 2)),
        (_plain(divide_by=10), 21, Fraction(3000)),
        (_plain(divide_by=10, round_to="down"), 29, Fraction(2000)),
        (_plain(is_metered=True), 9, Fraction(0)),
        (
            _plain(
                unit_amount=None,
                tiers_mode="graduated",
                tiers=(Tier(5, 100), Tier(None, 50, 7)),
            ),
            8,
            Fraction(500 + 150 + 7),
        ),
        (
            _plain(unit_amount=None, tiers_mode="volume", tiers=(Tier(5, 100), Tier(None, 50, 7))),
            8,
            Fraction(400 + 7),
        ),
        (
            _plain(unit_amount=None, tiers_mode="graduated", tiers=(Tier(5, 9, 70), Tier(None, 5))),
            0,
            Fraction(70),
        ),
        (
            _plain(unit_amount=None, tiers_mode="volume", tiers=(Tier(5, 9, 70), Tier(None, 5))),
            0,
            Fraction(70),
        ),
    ],
)
def test_prices_by_month(price, quantity, monthly):
    it = Subscription("sub", "cus", 0, 0, "active", (Item("si", price, quantity, 0),), 0, 0)
    assert mrr.subscription_mrr(it, None, 0) == monthly


def _given(end=None, duration="forever", **how):
    return Discount("di", Coupon("c", "c", duration, 0, **how), "cus", 0, end)


@pytest.mark.parametrize(
    "discounts, own, monthly",
    [
        ((_given(percent_off="10"),), None, 9000),
        ((_given(percent_off="50"), _given(amount_off=1000)), None, 4000),
        ((_given(amount_off=1000), _given(percent_off="50")), None, 4500),
        ((_given(amount_off=99999),), None, 0),
        ((_given(duration="once", percent_off="50"),), None, 10000),
        ((_given(50, "repeating", percent_off="50"),), None, 5000),
        ((_given(40, "repeating", percent_off="50"),), None, 10000),
        ((), _given(percent_off="20"), 8000),
        ((_given(percent_off="10"),), _given(percent_off="20"), 9000),
    ],
)
def test_discounts_come_off_in_order(discounts, own, monthly):
    items = (Item("si", _plain(), 10, 0),)
    it = Subscription("sub", "cus", 0, 0, "past_due", items, 0, 0, discounts=discounts)
    assert mrr.subscription_mrr(it, own, 40) == monthly


def test_the_price_list_is_whole():
    assert {currency for _, currency in COMPANY.prices} == {"usd", "eur", "gbp", "jpy", "kwd"}

"""Events that look valid and make no sense: each is kept, and no build fails for it."""

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from test_stripe_reading import insert, plain_table

START = 1_700_000_000
MONTH = 31 * 86_400
PRICE = {"id": "price_1", "currency": "usd", "unit_amount": 1000, "product": "prod_1"}
MONTHLY = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
BEYOND = 10**30


def event(name: str, kind: str, state: dict, created: int = START, **more: object) -> tuple:
    """One event as a raw row; nobody knows when it was received."""
    data = {"object": {"object": kind.split(".")[-2], **state}, **more}
    body = {"id": f"evt_{name}", "object": "event", "type": kind, "data": data}
    instant = datetime.fromtimestamp(created, UTC)
    return (body["id"], kind, instant, True, "", body, None)


def subscription(name: str, price: dict | None = None, quantity: int = 1, **more: object) -> tuple:
    """A subscription of 10 USD a month, with something odd about it."""
    item = {"id": "si_1", "quantity": quantity, "price": PRICE | {"recurring": MONTHLY}}
    item["price"] |= price or {}
    state = {"id": name, "customer": f"cus_{name}", "status": "active", "currency": "usd"}
    state |= {"items": {"object": "list", "data": [item]}}
    return event(name, "customer.subscription.created", state | more)


def discount(**coupon: object) -> dict:
    return {"id": "di_1", "object": "discount", "coupon": {"duration": "forever", **coupon}}


def interval(count: int) -> dict:
    return {"recurring": MONTHLY | {"interval_count": count}}


UNKNOWN = [
    subscription("unit_beyond", {"unit_amount": BEYOND}),
    subscription("decimal_beyond", {"unit_amount": None, "unit_amount_decimal": str(BEYOND)}),
    subscription("product_beyond", {"unit_amount": 10**14}, quantity=10**14),
    subscription("tiers_below", {"unit_amount": None, "billing_scheme": "tiered",
                                 "tiers_mode": "volume",
                                 "tiers": [{"up_to": None, "unit_amount": -5}]}),
    subscription("unit_below", {"unit_amount": -1000}),
    subscription("quantity_below", quantity=-3),
    subscription("both_below", {"unit_amount": -1000}, quantity=-3),
    subscription("interval_below", interval(-1)),
    subscription("interval_none", interval(0)),
]  # fmt: skip
"""What they cost is not known."""

UNDISCOUNTED = [
    subscription("percent_beyond", discount=discount(percent_off=BEYOND)),
    subscription("percent_above", discount=discount(percent_off=101)),
    subscription("percent_below", discount=discount(percent_off=-1)),
    subscription("amount_below", discount=discount(amount_off=-100, currency="usd")),
]
"""What they cost before a discount of which nobody knows what it takes off."""

WHOLE = [
    subscription("quantity_beyond", quantity=2**62),
    subscription("loud", {"currency": "USD"}, currency="USD"),
    subscription("nobodys", customer=None),
    subscription("nameless", customer={"object": "customer"}),
    subscription("of_account", customer=None, customer_account="acct_1"),
]
"""What is odd about them leaves their price as it is."""

THOUSAND = {"unit_amount": 100_000, "recurring": MONTHLY | {"interval": "year"}}
HALF, FIVE_HUNDRED = discount(percent_off=50), discount(amount_off=50_000, currency="usd")
BY_THE_YEAR = [
    subscription("all_off", THOUSAND, discount=discount(amount_off=100_000, currency="usd")),
    subscription("half_and_rest_off", THOUSAND, discounts=[HALF, FIVE_HUNDRED | {"id": "di_2"}]),
    subscription("some_off", THOUSAND, discount=discount(amount_off=20_000, currency="usd")),
    subscription("as_dear", THOUSAND | {"unit_amount": 80_000}),
]
"""What is a twelfth of a year's price, less what is off of it."""

CHARGE = {"amount": 1000, "currency": "usd", "customer": "cus_paying", "status": "succeeded"}
INVOICE = {"customer": "cus_paying", "currency": "usd", "status": "paid", "amount_due": 1000,
           "status_transitions": {"finalized_at": START, "paid_at": START}}  # fmt: skip
LINE = {"currency": "usd", "amount": 9 * 10**18, "period": {"start": START, "end": START + MONTH}}
MONEY = [
    event("early", "charge.succeeded", {"id": "ch_early", **CHARGE, "created": 0}),
    event("loud_charge", "charge.succeeded", {"id": "ch_loud", **CHARGE, "currency": "EUR"}),
    event("much", "charge.succeeded", {"id": "ch_much", **CHARGE, "amount": BEYOND}),
    event("coin", "charge.succeeded", {"id": "ch_coin", **CHARGE, "currency": "100"}),
    event("taxed", "invoice.paid", {"id": "in_taxed", **INVOICE,
                                    "total_taxes": [{"amount": 9 * 10**18}] * 2}),
    event("lined", "invoice.paid", {"id": "in_lined", **INVOICE, "lines": {"data": [
        LINE | {"id": "il_1"}, LINE | {"id": "il_2", "amount": 5, "discount_amounts": [LINE] * 2}
    ]}}),
]  # fmt: skip

LONG = random.Random(1).randbytes(8_000).hex()
LONG_IDS = [
    event("long_charge", "charge.succeeded", {"id": LONG, **CHARGE}),
    event("long_customer", "customer.updated", {"id": LONG}),
    event("long_discount", "customer.discount.created", {"customer": LONG}),
    event("long_names", "charge.succeeded", {"id": "ch_long_names", **CHARGE, "customer": LONG,
                                             "payment_method": {"id": LONG}, "invoice": LONG}),
]  # fmt: skip
"""Ids longer than any of Stripe's, and than an index can hold."""

CUSTOMER = {"id": "cus_tied", "object": "customer"}
TERMS = {"customer": "cus_tied", "coupon": {"id": "X", "percent_off": 10, "duration": "forever"}}
PLAN = {"id": "gold", "amount": 100, "currency": "usd", "interval": "month"}
COUPON = {"id": "gold", "percent_off": 10, "duration": "forever"}
TIED = [
    *(event(f"tied_{kind}_{n}", f"{kind}.updated", {**state, "name": str(n)},
            previous_attributes={"name": str(n - 1)})
      for kind, state in [("customer", CUSTOMER), ("customer.discount", TERMS), ("plan", PLAN),
                          ("coupon", COUPON)]
      for n in (1, 2)),
]  # fmt: skip
"""Changes of one second, of objects of different kinds that go by the same id."""

TIMES = [
    event("first", "customer.created", {"id": "cus_first"}, 1_326_853_478),
    event("before", "customer.created", {"id": "cus_before"}, 1_230_767_999),
    event("ahead", "customer.created", {"id": "cus_ahead"}, 4_102_444_800),
    event("after", "customer.created", {"id": "cus_after"}, 7_258_118_400),
    event("last", "customer.created", {"id": "cus_last"}, START + 2 * MONTH),
]


@pytest.fixture(scope="module")
def warehouse(make_warehouse):
    """All of them at once, built whole."""
    found = make_warehouse("live", "live")
    plain_table(found)
    session = found.connect()
    with session:
        insert(
            session,
            [*UNKNOWN, *UNDISCOUNTED, *WHOLE, *BY_THE_YEAR, *MONEY, *LONG_IDS, *TIED, *TIMES],
        )
    session.close()
    found.build()
    return found


def names(rows: list[tuple]) -> set[str]:
    return {row[5]["data"]["object"]["id"] for row in rows}


def test_what_a_subscription_costs_is_known_or_it_says_that_it_is_not(warehouse):
    found = warehouse.query(
        "select subscription_id, list_mrr::float, mrr::float, is_mrr_known"
        " from finance.subscription_periods where subscription_id <> all (%s)",
        [list(names(BY_THE_YEAR))],
    )
    known = {name: tuple(rest) for name, *rest in found}
    assert known == {
        **dict.fromkeys(names(UNKNOWN), (0, 0, False)),
        **dict.fromkeys(names(UNDISCOUNTED), (10, 10, False)),
        **dict.fromkeys(names(WHOLE), (10, 10, True)),
    }


def test_a_twelfth_of_a_price_and_of_its_discount_leave_no_dust(warehouse):
    rows = warehouse.query(
        "select subscription_id, mrr from finance.subscription_periods"
        " where subscription_id = any (%s)",
        [list(names(BY_THE_YEAR))],
    )
    found = dict(rows)
    assert (found["all_off"], found["half_and_rest_off"]) == (0, 0)
    assert found["some_off"] == found["as_dear"] == Decimal("66.66666666666666666667")


def test_an_id_too_long_for_stripe_is_none(warehouse):
    """What bears it is kept and counted, and not read."""
    assert warehouse.query(
        "select stripe_customer_id, payment_method_id, invoice_id from finance.transactions"
        " where transaction_id = 'ch_long_names'"
    ) == [(None, None, None)]
    assert warehouse.query(
        "select event_count - read_count from core.stripe_event_types"
        " where event_type = 'customer.discount.created'"
    ) == [(1,)]
    long = "select count(*) from core.stripe_customers where length(stripe_customer_id) > 255"
    assert warehouse.query(long) == [(0,)]


def test_a_subscription_of_nobody_has_an_account_of_its_own(warehouse):
    found = warehouse.query(
        "select stripe_customer_id, is_inferred, months.mrr::float"
        " from core.stripe_customers inner join finance.account_months as months"
        " using (account_id) where months.month = '2023-11-01'"
        " and stripe_customer_id in ('nobodys', 'nameless', 'acct_1') order by 1"
    )
    assert found == [("acct_1", True, 10), ("nameless", True, 10), ("nobodys", True, 10)]


def test_a_currency_is_three_small_letters_or_unknown(warehouse):
    for table, currencies in {
        "subscription_periods": {"usd"},
        "transactions": {"usd", "eur"},
        "account_months": {"usd"},
    }.items():
        found = warehouse.query(f"select distinct currency from finance.{table}")
        assert {currency for (currency,) in found} == currencies, table


def test_a_time_that_is_none_of_stripes_is_none(warehouse):
    assert warehouse.query(
        "select record_key, rejection_reason from core.rejected_records order by 1"
    ) == [(f"evt_{name}", "the event is from before 2009 or after 2199")
          for name in ("after", "before")]  # fmt: skip
    ((first, last),) = warehouse.query("select min(month), max(month) from finance.cash_months")
    assert (f"{first:%Y-%m}", f"{last:%Y-%m}") == ("2012-01", "2024-01")
    ((version, count, quarantined),) = warehouse.query(
        "select api_version, event_count, quarantined_count from core.stripe_event_types"
        " where event_type = 'customer.created'"
    )
    assert (version, count, quarantined) == ("unknown", len(TIMES), 2)
    ((charged_at,),) = warehouse.query(
        "select extract(epoch from transaction_at)::bigint from finance.transactions"
        " where transaction_id = 'ch_early'"
    )
    assert charged_at == START


def test_objects_of_one_second_and_id_are_ordered_each_for_itself(warehouse):
    found = warehouse.query(
        "select event_id, tie_position from staging.stg_stripe__tie_positions"
        " where event_id like 'evt_tied%'"
    )
    assert dict(found) == {row[0]: int(row[0][-1]) for row in TIED}

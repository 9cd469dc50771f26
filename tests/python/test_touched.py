"""Each reason to make a part of a mart anew, on its own.

Every piece of news concerns one subscription that nothing else of the same batch concerns.
"""

from datetime import UTC, datetime

import pytest

from conftest import NO_UNIT_TESTS
from dogdb.bench import NO_TESTS
from test_stripe_reading import insert, plain_table

SELECT = ("build", "--quiet", *NO_TESTS, "--select")
BUILD = (*SELECT, "+account_months", "+account_revenue_months")
OF = "subscription_id = 'sub_{}' and ends_at is null"
SPANS = f"select plan, mrr::float, account_id from finance.subscription_periods where {OF}"
MONTHS = "select to_char(month, 'MM'), mrr::float from finance.account_months"
MONTHS += " where account_id = {} order by month"


def instant(day: str) -> datetime:
    """The first instant of a day, of 2024 where it does not say."""
    return datetime.fromisoformat(day if len(day) > len("01-01") else f"2024-{day}").replace(
        tzinfo=UTC
    )


def event(kind: str, day: str, state: dict) -> tuple:
    """One event, as a raw row."""
    name = f"evt_{kind}_{state['id']}_{day}"
    state = {"object": kind.split(".")[-2], **state}
    body = {"id": name, "object": "event", "type": kind, "data": {"object": state}}
    return (name, kind, instant(day), True, "2018-02-28", body, instant(day))


def customer(name: str, day: str = "01-01", **more: object) -> tuple:
    return event("customer.created", day, {"id": f"cus_{name}", **more})


def subscription(name: str, price: dict, **more: object) -> tuple:
    """A subscription of the customer of its name, active since 10 January, one unit of a price."""
    state = {
        "id": f"sub_{name}",
        "customer": f"cus_{name}",
        "status": "active",
        "currency": "usd",
        "current_period_start": 1704844800,
        "current_period_end": 1707523200,
        "items": {"object": "list", "data": [{"id": f"si_{name}", "quantity": 1, "price": price}]},
    }
    return event("customer.subscription.created", "01-10", state | more)


def discount(name: str, **more: object) -> dict:
    coupon = {"id": f"co_{name}", "object": "coupon", "percent_off": 50, "currency": None}
    return {"id": f"di_{name}", "object": "discount", "coupon": coupon | more}


def coupon(name: str, percent: int = 50, day: str = "01-01") -> tuple:
    """A coupon, which its seller may delete and make again with other terms."""
    terms = {"percent_off": percent, "duration": "forever", "currency": None}
    return event("coupon.created", day, {"id": f"co_{name}", **terms})


def stamp(day: str) -> int:
    return int(instant(day).timestamp())


def charge(name: str, day: str = "02-01", **more: object) -> tuple:
    state = {"id": f"ch_{name}", "customer": f"cus_{name}", "currency": "usd", "amount": 1000}
    return event("charge.succeeded", day, state | {"status": "succeeded"} | more)


def invoice(kind: str, day: str, name: str, begins: str, ends: str, **more: object) -> tuple:
    """An invoice of one line over some days, paid unless it says otherwise."""
    currency = more.get("currency", "usd")
    line = {"id": f"il_{name}", "amount": 3100, "currency": currency, "proration": False}
    line |= {"period": {"start": stamp(begins), "end": stamp(ends)}}
    state = {"id": f"in_{name}", "customer": f"cus_{name}", "currency": currency, "total": 3100}
    state |= {"amount_due": 3100, "status": "paid", "created": stamp(begins)}
    state |= {"lines": {"object": "list", "data": [line]}}
    return event(f"invoice.{kind}", day, state | more)


MONTHLY = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
PLAIN = {"id": "price_plain", "nickname": "Plain", "currency": "usd", "unit_amount": 10000}
PLAIN |= {"billing_scheme": "per_unit", "recurring": MONTHLY}
RENAMED = {**PLAIN, "id": "price_renamed", "nickname": None}
# Of a product that no event of the price tells.
UNTOLD = {**PLAIN, "id": "price_untold", "nickname": None, "product": "prod_2"}
TIERED = {"id": "price_tiered", "nickname": "Tiered", "currency": "usd", "recurring": MONTHLY}
TIERED |= {"billing_scheme": "tiered", "tiers_mode": "volume"}
TIERS = {"tiers": [{"up_to": None, "unit_amount": 4000}]}
EURO = {**PLAIN, "id": "price_eur", "currency": "eur"}
YEN = {**PLAIN, "id": "price_jpy", "nickname": "Yen", "currency": "jpy"}
# By the name of a plan that is there: one that comes makes all months anew.
OTHER = {**PLAIN, "id": "price_other", "nickname": "Tiered"}
THIRD = {**PLAIN, "id": "price_third", "nickname": "Third"}
CALLED = {**PLAIN, "id": "price_called", "nickname": "Old name"}
DEARER = {**PLAIN, "id": "price_dearer", "unit_amount": 20000}


def told(day: str, name: str, price: dict = PLAIN, **more: object) -> tuple:
    """A change of a subscription; of two of one second the one with the longer day is later."""
    state = subscription(name, price, **more)[5]["data"]["object"]
    return event("customer.subscription.updated", day, state)


BEFORE = [
    *(customer(name, metadata={"account_id": str(number)}) for number, name in enumerate(
        ["ends", "named", "priced", "moves", "discounted", "quiet", "other", "renamed",
         "foreign", "passes"], start=11
    )),
    customer("gets", metadata={"account_id": "22"}),
    customer("takes", metadata={"account_id": "23"}),
    customer("travels", metadata={"account_id": "24"}),
    customer("linked", email="new@x"),
    customer("couponed", metadata={"account_id": "25"}),
    customer("bears", metadata={"account_id": "26"},
             discount={"object": "discount", "coupon": "co_borne"}),
    customer("called", metadata={"account_id": "27"}),
    customer("untold", metadata={"account_id": "28"}),
    customer("comes", metadata={"account_id": "29"}),
    coupon("given"),
    coupon("borne"),
    # Delivered before its time, which only the news let come.
    (*subscription("comes", PLAIN)[:2], instant("01-26"), *subscription("comes", PLAIN)[3:]),
    subscription("couponed", PLAIN, discount={"object": "discount", "coupon": "co_given"}),
    subscription("bears", PLAIN),
    event("price.created", "01-01", {**PLAIN, "id": "price_bare", "nickname": None,
                                     "product": "prod_1"}),
    subscription("ends", PLAIN, discount=discount("ends", duration="repeating")
                 | {"start": 1704844800, "end": 1706227200}),
    subscription("named", {"id": "price_bare"}),
    subscription("priced", TIERED),
    subscription("moves", PLAIN),
    subscription("discounted", PLAIN),
    subscription("quiet", PLAIN),
    subscription("linked", PLAIN),
    subscription("other", PLAIN),
    subscription("renamed", RENAMED),
    subscription("foreign", EURO, currency="eur"),
    # Of a month that is over: the running one is made again anyhow.
    invoice("paid", "2023-12-20", "foreign", "2023-12-01", "2023-12-21", currency="eur"),
    subscription("called", CALLED),
    subscription("untold", UNTOLD),
    told("2023-12-10", "passes"),
    told("01-25", "passes", customer="cus_gets"),
    told("2023-12-10", "travels"),
]  # fmt: skip
NEWS = [
    event("product.created", "01-26", {"id": "prod_1", "name": "Named"}),
    event("product.created", "01-26", {"id": "prod_2", "name": "Told late"}),
    event("price.updated", "01-26", {**RENAMED, "nickname": "Renamed"}),
    subscription("shows", TIERED | TIERS),
    told("01-26", "calls", {**CALLED, "nickname": "New name"}),
    customer("moves", "01-26", metadata={"account_id": "21"}),
    event("customer.discount.created", "01-26", discount("discounted", duration="forever")
          | {"customer": "cus_discounted", "subscription": None}),
    coupon("given", 25, "01-26"),
    coupon("borne", 20, "01-26"),
    told("2024-01-25", "passes", customer="cus_takes"),
    told("01-25", "travels", EURO, currency="eur"),
]  # fmt: skip


def deliver(warehouse, rows: list[tuple]) -> None:
    session = warehouse.connect()
    with session:
        insert(session, rows)
    session.close()


@pytest.fixture(scope="module")
def warehouse(make_warehouse):
    """Built once, then again with the news."""
    found = make_warehouse("live", "live")
    plain_table(found)
    found.query(
        "create table raw.customer_accounts (account_id numeric, email text,"
        " current_tier text, created_at timestamp, updated_at timestamp);"
        "insert into raw.customer_accounts values (14, 'old@x', 'Medium', '2024-01-01', null);"
        "create table raw.fx_rates (month date, currency text, rate_to_usd numeric);"
        "insert into raw.fx_rates values ('2023-12-01', 'eur', 1.1)"
    )
    deliver(found, BEFORE)
    found.dbt(*BUILD)
    # The first build noted its models before the views made of them; from the second on they stand.
    found.dbt(*SELECT, "subscription_periods", "account_months")
    found.query(f"update finance.subscription_periods set plan = 'Mark' where {OF.format('other')}")
    deliver(found, NEWS)
    found.query(
        "insert into raw.customer_accounts values (31, 'new@x', 'Medium', '2024-01-01', null)"
    )
    found.dbt(*BUILD)
    return found


@pytest.mark.parametrize(
    ("name", "span"),
    [
        ("ends", ("Plain", 100, 11)),
        ("named", ("Named", 100, 12)),
        ("priced", ("Tiered", 40, 13)),
        ("renamed", ("Renamed", 100, 18)),
        ("called", ("New name", 100, 27)),
        ("untold", ("Told late", 100, 28)),
        ("moves", ("Plain", 100, 21)),
        ("discounted", ("Plain", 50, 15)),
        ("linked", ("Plain", 100, 31)),
        ("couponed", ("Plain", 75, 25)),
        ("bears", ("Plain", 80, 26)),
        ("comes", ("Plain", 100, 29)),
        pytest.param("other", ("Mark", 100, 17), id="nothing else"),
    ],
)
def test_a_span_is_made_again(warehouse, name, span):
    assert warehouse.query(SPANS.format(name)) == [span]


@pytest.mark.parametrize(
    ("account", "months"),
    [(11, [("01", 100)]), (14, []), (21, [("01", 100)])],
)
def test_an_accounts_months_are_made_again(warehouse, account, months):
    assert warehouse.query(MONTHS.format(account)) == months


def test_who_loses_a_subscription_and_who_gets_it_know_by_which_event(warehouse):
    """Also the one of whom no span has changed: the news say only who got it."""
    months = warehouse.query(
        "select account_id, currency, to_char(month, 'YYYY-MM'), movement::float, event_ids"
        " from finance.account_months where account_id in (20, 22, 23, 24) order by 1, 3, 2"
    )
    updated = "evt_customer.subscription.updated_sub"
    assert months == [
        (20, "usd", "2023-12", 100, [f"{updated}_passes_2023-12-10"]),
        (20, "usd", "2024-01", -100, [f"{updated}_passes_2024-01-25"]),
        (23, "usd", "2024-01", 100, [f"{updated}_passes_2024-01-25"]),
        (24, "usd", "2023-12", 100, [f"{updated}_travels_2023-12-10"]),
        (24, "eur", "2024-01", 100, [f"{updated}_travels_01-25"]),
        (24, "usd", "2024-01", -100, [f"{updated}_travels_01-25"]),
    ]


def test_another_rate_converts_every_account_again(warehouse):
    dollars = (
        "select mrr_usd::float from finance.account_months where account_id = 19 union all"
        " select recognized_usd::float from finance.account_revenue_months"
        " where account_id = 19 and month = '2023-12-01'"
    )
    assert warehouse.query(dollars) == [(110,), (34.1,)]
    warehouse.query("update raw.fx_rates set rate_to_usd = 1.2")
    warehouse.dbt(*BUILD)
    assert warehouse.query(dollars) == [(120,), (37.2,)]


def test_what_some_staging_models_have_read_is_not_taken_for_read(warehouse):
    unpaid = {**subscription("quiet", PLAIN)[5]["data"]["object"], "status": "unpaid"}
    deliver(warehouse, [event("customer.subscription.updated", "01-27", unpaid)])
    warehouse.dbt(*SELECT, "+stg_stripe__coupon_states")
    warehouse.dbt(*SELECT, "subscription_periods")
    warehouse.dbt(*BUILD)
    assert warehouse.query(SPANS.format("quiet")) == [("Plain", 0, 16)]


def test_a_month_that_comes_is_one_of_everybody(warehouse):
    """Also of those of whom nothing came in it."""
    warehouse.query(
        "create table raw.customer_licenses (account_id numeric, license_data text,"
        " created_at timestamp, updated_at timestamp);"
        'insert into raw.customer_licenses values (14, \'{"license_id": "x",'
        ' "role": "developer", "status": "active"}\', \'2024-01-01\', null)'
    )
    build = (*SELECT, "+account_months", "+developer_account_interactions")
    warehouse.dbt(*build)
    deliver(warehouse, [coupon("late", day="02-02")])
    warehouse.dbt(*build)
    assert warehouse.query(MONTHS.format(13)) == [("01", 40), ("02", 40)]
    assert warehouse.query(
        "select to_char(month, 'MM'), interactions from support.developer_account_interactions"
        " where account_id = 14 order by 1"
    ) == [("01", 0), ("02", 0)]


def test_another_policy_makes_every_span_again(warehouse):
    switches = "{policy_switches: {counted_statuses: [unpaid]}}"
    warehouse.dbt(*SELECT, "subscription_periods", vars=switches)
    assert warehouse.query(SPANS.format("quiet")) == [("Plain", 100, 16)]
    assert warehouse.query(SPANS.format("moves")) == [("Plain", 0, 21)]


def seen(name: str, day: str, status: str) -> tuple:
    state = subscription(name, PLAIN)[5]["data"]["object"] | {"status": status}
    return event("customer.subscription.updated", day, state)


DISPUTE = {"id": "dp_1", "charge": "ch_disputed", "currency": "usd", "amount": 1000}
NO_CHARGE = {"id": "dp_2", "charge": None, "currency": "usd", "amount": 9}
NO_CHARGE_EITHER = NO_CHARGE | {"id": "dp_3"}
PAID_LATER = {"id": "inpay_1", "invoice": "in_tied", "status": "paid"}
PAID_LATER |= {"payment": {"type": "payment_intent", "payment_intent": "pi_tied"}}
PAID_EARLY = {"id": "inpay_3", "invoice": "in_early", "status": "paid"}
PAID_EARLY |= {"payment": {"type": "payment_intent", "payment_intent": "pi_early"}}
PAID_BY_CHARGE = {"id": "inpay_2", "invoice": "in_pays", "status": "paid"}
PAID_BY_CHARGE |= {"payment": {"type": "charge", "charge": "ch_pays"}}
PAID_AT_LAST = {"id": "inpay_4", "invoice": "in_basil", "status": "paid"}
PAID_AT_LAST |= {"payment": {"type": "payment_intent", "payment_intent": "pi_basil"}}
LISTED = {"object": "list", "data": [{"id": "re_2", "amount": 5}]}
OF_INTENT = {"charge": None, "currency": "usd", "amount": 8, "status": "succeeded"}


def listed(name: str) -> dict:
    """The payments of an invoice, one by a charge and one by a payment intent."""
    charge = {"type": "charge", "charge": f"ch_{name}"}
    intent = {"type": "payment_intent", "payment_intent": f"pi_{name}_too"}
    paid = [{"status": "paid", "payment": payment} for payment in (charge, intent)]
    return {"object": "list", "data": paid}


def refund(name: str) -> tuple:
    state = {"id": f"re_{name}", "charge": f"ch_{name}", "currency": "usd", "amount": 400}
    return event("refund.created", "02-03", state | {"status": "succeeded"})


MONEY_BEFORE = [
    *(customer(name, "2023-01-01", metadata={"account_id": str(number)}) for number, name in
      enumerate(["tied", "moved", "refunded", "disputed", "quiet", "shared", "billed", "late",
                 "bought", "cash", "charged", "running", "voided", "open", "owner",
                 "lined", "swaps", "other", "emptied", "pays", "pulled", "early",
                 "minor"], start=41)),
    *(charge(name) for name in ("moved", "refunded", "disputed", "quiet", "pays")),
    charge("tied", payment_intent="pi_tied"),
    event("invoice_payment.paid", "02-01", PAID_EARLY),
    charge("lists", amount_refunded=5, refunds=LISTED),
    charge("meant", payment_intent="pi_meant"),
    event("refund.created", "02-03", OF_INTENT | {"id": "re_5", "payment_intent": "pi_after"}),
    charge("named"),
    charge("listed"),
    charge("listed_too", payment_intent="pi_listed_too"),
    charge("kept"),
    charge("kept_too", payment_intent="pi_kept_too"),
    invoice("paid", "02-01", "keeps", "02-01", "03-01", payments=listed("kept")),
    charge("owed", payment_intent="pi_owed"),
    # Paid outside Stripe, as it seems.
    charge("basil", payment_intent="pi_basil"),
    invoice("paid", "02-01", "basil", "02-01", "03-01"),
    invoice("paid", "02-01", "owes", "02-01", "03-01", payment_intent="pi_owed"),
    charge("meets", payment_intent="pi_meets"),
    invoice("paid", "02-01", "intends", "02-01", "03-01", payment_intent="pi_intends"),
    charge("pends", invoice="in_pends", status="pending"),
    invoice("paid", "02-02", "pends", "02-01", "03-01"),
    event("payment_method.attached", "01-01",
          {"id": "pm_shared", "type": "card", "customer": "cus_shared"}),
    charge("guest", customer=None, payment_method="pm_shared"),
    event("charge.dispute.created", "02-02", DISPUTE | {"status": "needs_response"}),
    event("charge.dispute.created", "02-02", NO_CHARGE | {"status": "needs_response"}),
    event("charge.dispute.created", "02-02", NO_CHARGE_EITHER | {"status": "needs_response"}),
    invoice("finalized", "02-01", "cash", "02-01", "03-01", status="open"),
    invoice("paid", "02-01", "charged", "02-01", "03-01"),
    invoice("paid", "03-01", "running", "03-01", "04-01", paid_out_of_band=True),
    invoice("paid", "2023-11-01", "owner", "2023-11-01", "2023-12-01", paid_out_of_band=True),
    invoice("finalized", "2023-09-10", "voided", "2023-08-05", "2023-08-25", status="open",
            created=stamp("2023-09-10")),
    invoice("finalized", "02-01", "open", "02-01", "03-01", status="open",
            subscription="sub_open"),
    invoice("paid", "2023-06-01", "quiet", "2023-06-01", "2023-07-01"),
    invoice("finalized", "02-01", "emptied", "02-01", "03-01", status="open",
            subscription="sub_emptied"),
    seen("emptied", "02-01", "active"),
    subscription("billed", TIERED),
    seen("late", "2022-01-10", "active"),
    seen("late", "2022-06-10", "active"),
    told("2022-09-10", "late", DEARER),
    seen("bought", "2023-03-10", "active"),
    seen("lined", "02-01", "active"),
    told("2022-01-10", "swaps"),
    told("2022-03-10", "swaps", THIRD),
    told("2023-03-10", "other", OTHER),
    told("2022-08-05", "major", DEARER, customer="cus_minor"),
    told("2022-08-05", "minor", THIRD),
]  # fmt: skip
MONEY_NEWS = [
    event("invoice_payment.paid", "02-01", PAID_LATER),
    event("invoice_payment.paid", "02-01", PAID_BY_CHARGE),
    event("invoice_payment.paid", "02-01", PAID_AT_LAST),
    charge("early", payment_intent="pi_early"),
    event("refund.created", "02-03", OF_INTENT | {"id": "re_4", "payment_intent": "pi_meant"}),
    charge("after", payment_intent="pi_after"),
    invoice("paid", "02-09", "names", "02-01", "03-01", charge="ch_named"),
    invoice("paid", "02-09", "lists", "02-01", "03-01", payments=listed("listed")),
    invoice("finalized", "02-09", "meets", "02-01", "03-01", status="open",
            payment_intent="pi_meets"),
    charge("intends", payment_intent="pi_intends"),
    # In a version that does not tell the invoice.
    charge("pends", "02-05"),
    customer("moved", "03-02", metadata={"account_id": "71"}),
    customer("shared", "03-02", metadata={"account_id": "72"}),
    *(refund(name) for name in ("refunded", "kept", "kept_too", "owed")),
    event("refund.created", "02-03", {"id": "re_3", "charge": None, "currency": "usd",
                                      "amount": 7, "status": "succeeded"}),
    event("charge.dispute.closed", "02-09", DISPUTE | {"status": "won"}),
    event("charge.dispute.closed", "02-09", NO_CHARGE | {"status": "won"}),
    event("charge.dispute.closed", "02-09", NO_CHARGE_EITHER | {"status": "lost"}),
    invoice("paid", "02-09", "cash", "02-01", "03-01", paid_out_of_band=True),
    charge("charged", invoice="in_charged"),
    charge("relists", "02-05", amount_refunded=5, refunds=LISTED),
    customer("owner", "03-02", metadata={"account_id": "73"}),
    invoice("voided", "03-02", "voided", "2023-08-05", "2023-08-25", status="void",
            created=stamp("2023-09-10")),
    invoice("paid", "03-02", "open", "02-01", "03-01", subscription="sub_open"),
    invoice("paid", "03-02", "emptied", "02-01", "03-01", subscription="sub_emptied", total=0,
            amount_due=0, lines={"object": "list", "data": []}),
    subscription("shows", TIERED | TIERS, customer="cus_quiet"),
    seen("late", "2022-05-10", "unpaid"),
    # The bill names the subscription on its line only.
    invoice("paid", "03-02", "lined", "02-01", "03-01", lines={"object": "list", "data": [
        {"id": "il_lined", "amount": 3100, "currency": "usd", "subscription": "sub_lined",
         "period": {"start": stamp("02-01"), "end": stamp("03-01")}},
    ]}),
    # Older than every event: what it tells is told in the first month.
    invoice("paid", "03-02", "pulled", "2021-05-01", "2021-06-01"),
    # February ended with another plan, with which March opens. One that comes would make all.
    told("2022-02-20", "swaps", OTHER),
    # Of two the smaller, at the same price: of the account nothing is another.
    told("2022-08-20", "minor", OTHER),
    event("payout.created", "03-20", {"id": "po_1", "currency": "usd", "amount": 5,
                                      "status": "paid"}),
]  # fmt: skip
MONEY = {
    "finance.mrr_months": ("arr", "month = '2023-01-01'"),
    "finance.plan_mrr_months": ("arr_usd", "month = '2022-01-01'"),
    "finance.account_revenue_months": ("billed", "account_id = 45"),
    "finance.transactions": ("net_amount", "transaction_id = 'ch_quiet'"),
    "growth.billed_periods": ("period_ends_at", "subscription_id = 'sub_bought'"),
}
"""Marts, each with a column of some rows that no news concerns."""


def rows_of(warehouse) -> dict[str, set]:
    texts = "select to_jsonb(found)::text from {} as found"
    return {name: {row for (row,) in warehouse.query(texts.format(name))} for name in MONEY}


BUILD_MONEY = (*SELECT, *(f"+{name.split('.')[1]}" for name in MONEY))


@pytest.fixture(scope="module")
def money_warehouse(make_warehouse):
    return make_warehouse("live", "live")


@pytest.fixture(scope="module")
def money(money_warehouse):
    """The rows of the first build, of that with the news, and of one that makes everything."""
    found, build = money_warehouse, BUILD_MONEY
    plain_table(found)
    deliver(found, MONEY_BEFORE)
    found.dbt(*build)
    found.dbt(*build)
    before = rows_of(found)
    for name, (column, rows) in MONEY.items():
        mark = "'2199-01-01'" if column.endswith("_at") else "-99"
        found.query(f"update {name} set {column} = {mark} where {rows}")
    marked = {name: rows - before[name] for name, rows in rows_of(found).items()}
    assert all(marked.values())
    deliver(found, MONEY_NEWS)
    found.dbt(*build)
    partly = rows_of(found)
    found.dbt(*build, "--full-refresh")
    return before, marked, partly, rows_of(found)


@pytest.mark.parametrize("mart", MONEY)
def test_the_rows_that_news_concern_are_made_again_and_no_others(money, mart):
    before, marked, partly, whole = (rows[mart] for rows in money)
    assert partly - whole == marked
    assert whole - partly <= before
    assert len(whole - partly) == len(marked)
    assert whole - before - partly == set()
    assert whole - before


def test_a_payment_that_looks_counted_twice_is_warned_of(money, money_warehouse):
    """No event tells that the charge pays the invoice."""
    named = charge("named_not", "02-10", amount=3100, customer="cus_twice")
    deliver(money_warehouse, [named, invoice("paid", "02-10", "twice", "02-01", "03-01")])
    select = ("--select", "+transactions", "assert_no_payment_counts_twice")
    printed = money_warehouse.dbt("build", *NO_UNIT_TESTS, *select)
    assert "Got 1 result, configured to warn if != 0" in printed


def test_money_that_can_not_be_read_is_warned_of(money, money_warehouse):
    deliver(money_warehouse, [charge("text", amount="1000"), charge("long", currency="dollars")])
    select = ("--select", "+transactions", "assert_money_can_be_read")
    printed = money_warehouse.dbt("build", *NO_UNIT_TESTS, *select)
    assert "Got 2 results, configured to warn if != 0" in printed


def test_corrected_decimals_make_every_amount_again(money, money_warehouse):
    marts = ("transactions", "revenue_lines")
    count = "select count(*) from finance.{} where currency = 'usd' and amount >= 10"
    money_warehouse.query("insert into seeds.currencies values ('usd', 4)")
    money_warehouse.dbt("run", "--select", *marts)
    assert [money_warehouse.query(count.format(mart)) for mart in marts] == [[(0,)], [(0,)]]
    money_warehouse.query("delete from seeds.currencies where currency = 'usd'")
    money_warehouse.dbt("run", "--select", *marts)
    assert all(money_warehouse.query(count.format(mart)) > [(0,)] for mart in marts)


def test_a_plan_and_a_currency_that_come_are_told_of_every_month(money, money_warehouse):
    """The only one in euro is one in yen instead, by what came late of its first second."""
    deliver(money_warehouse, [told("02-10", "yen", EURO, currency="eur")])
    money_warehouse.dbt(*BUILD_MONEY)
    deliver(money_warehouse, [told("2024-02-10", "yen", YEN, currency="jpy")])
    money_warehouse.dbt(*BUILD_MONEY)
    partly = rows_of(money_warehouse)
    money_warehouse.dbt(*BUILD_MONEY, "--full-refresh")
    assert partly == rows_of(money_warehouse)
    assert money_warehouse.query(
        "select distinct currency from finance.mrr_months where closing > 0 order by 1"
    ) == [("all",), ("jpy",), ("usd",)]

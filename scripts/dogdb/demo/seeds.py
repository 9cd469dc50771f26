"""Stripe's events of the accounts in the seeds, from 2019 to the end of March 2024.

`python -m dogdb.demo.seeds` writes `seeds/stripe/raw_stripe_events.csv`, the same bytes each time.
Accounts 2 and 7 pay 50 USD a month by card, 3 and 35 pay 500 USD by invoice, 1 has a free
subscription and 6 is unknown to Stripe.
"""

import csv
import datetime as dt
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from dogdb.demo.arithmetic import DAY
from dogdb.demo.book import Book
from dogdb.demo.company import Company
from dogdb.demo.objects import Card, Happening, Price, Product
from dogdb.demo.shapes.events import event_text, type_in
from dogdb.demo.shapes.template import style_of
from dogdb.demo.totals import Totals, total_records, totals_of
from dogdb.demo.truth import Record, month_end_mrr, records
from dogdb.project import ROOT

FILE = ROOT / "seeds" / "stripe" / "raw_stripe_events.csv"
HEADER = (
    *("id", "type", "created", "livemode", "api_version", "payload", "received_at"),
    *("quarantine_reason", "arrived_in"),
)
"""The columns of `raw.stripe_events` that the models read; the last two stay empty."""

HOUR = 3600

Row = tuple[str, str, str, str, str, str, str]
"""A row of the seed, as text, in the order of `HEADER`."""


def instant(text: str) -> int:
    """Return the Unix seconds of a time in UTC, written like 2019-07-12 16:05:02."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


VERSIONS = (
    (instant("2022-12-01 00:00:00"), "2022-11-15"),
    (instant("2020-06-01 00:00:00"), "2019-12-03"),
    (0, "2018-02-28"),
)
"""From when on DogDB's Stripe account used which API version, the newest first."""

NOW = instant("2024-03-31 23:59:59")
OPENED = instant("2019-05-01 09:00:00")
PRODUCTS = {
    name: Product(f"prod_Dog{name}", f"DogDB {name}", OPENED)
    for name in ("Free", "Medium", "Enterprise")
}


def _price(name: str, amount: int, interval: str) -> Price:
    product = PRODUCTS[name].id
    return Price(f"price_1Dog{name}", product, name, "usd", amount, OPENED, interval)


FREE = _price("Free", 0, "year")
MEDIUM = _price("Medium", 5000, "month")
ENTERPRISE = _price("Enterprise", 50000, "month")


def _card(name: str, brand: str, last4: str, month: int, year: int) -> Card:
    return Card(f"card_1Dog{name}", brand, last4, month, year, f"fp{name}DogDB{last4}")


def _collect(book: Book, at: int, invoice_id: str) -> str:
    """Finalize an invoice and charge the card; return the charge."""
    book.finalize(at, invoice_id)
    return book.collect(at, invoice_id).id


def _renew_by_card(book: Book, subscription_id: str, until: int) -> list[str]:
    """Let the subscription renew, each period paid by card an hour later; return the charges."""
    charges = []
    while (at := book.subscriptions[subscription_id].period_end) + HOUR <= until:
        book.roll(at, subscription_id)
        charges.append(_collect(book, at + HOUR + 7, book.bill(at, subscription_id)))
    return charges


def _renew_by_invoice(book: Book, subscription_id: str, until: int) -> list[str]:
    """Let the subscription renew; every third invoice is paid by card, the others by transfer."""
    charges = []
    while (at := book.subscriptions[subscription_id].period_end) + HOUR <= until:
        book.roll(at, subscription_id)
        invoice_id = book.bill(at, subscription_id)
        book.finalize(at + HOUR, invoice_id)
        days = 5 + len(book.invoices) % 6
        if at + days * DAY > until:
            break
        if len(book.invoices) % 3 == 0:
            charges.append(book.collect(at + days * DAY, invoice_id).id)
        else:
            book.pay_out_of_band(at + days * DAY, invoice_id)
    return charges


def catalog() -> Book:
    """Return the events of DogDB's products and prices."""
    book = Book("DogCatalog00", is_lean=True)
    for product in PRODUCTS.values():
        book.tell(OPENED, "product.created", product)
    for price in (FREE, MEDIUM, ENTERPRISE):
        book.tell(OPENED + 60, "price.created", price)
    return book


def account_1() -> Book:
    """Return the free account's events: it renews every year and pays nothing."""
    book = Book("DogAccount01", is_lean=True)
    at = instant("2019-05-01 21:13:11")
    customer = book.add_customer(at, email="abc@123.com", account_id="1")
    subscription = book.subscribe(at, customer, [(FREE, 1)])
    book.finalize(at, book.bill(at, subscription, "subscription_create"))
    while (at := book.subscriptions[subscription].period_end) <= NOW:
        book.roll(at, subscription)
        book.finalize(at, book.bill(at, subscription))
    return book


def account_2() -> Book:
    """Return the events of a card payer: from Free to Medium, a failure, a gap, a new card."""
    book = Book("DogAccount02", is_lean=True)
    at = instant("2019-07-12 16:05:02")
    customer = book.add_customer(at, email="123@abc.com", account_id="2")
    first = book.subscribe(at, customer, [(FREE, 1)])
    at = instant("2020-01-04 17:23:05")
    book.set_card(at - 40, customer, _card("Two1", "visa", "4242", 6, 2022))
    book.switch(at, first, MEDIUM, 1)
    _collect(book, at + 3, book.bill(at, first, "subscription_update"))

    _renew_by_card(book, first, instant("2020-11-01 00:00:00"))
    at = book.subscriptions[first].period_end
    book.roll(at, first)
    invoice = book.bill(at, first)
    book.finalize(at + HOUR, invoice)
    book.collect(at + HOUR, invoice, "insufficient_funds")
    book.change(at + HOUR, first, status="past_due")
    book.collect(at + 3 * DAY, invoice)
    book.change(at + 3 * DAY, first, status="active")

    charges = _renew_by_card(book, first, instant("2021-05-01 00:00:00"))
    book.refund(instant("2021-03-09 11:20:00"), charges[2], 2000)
    book.change(instant("2021-04-20 08:15:30"), first, cancel_at_period_end=True)
    book.cancel(book.subscriptions[first].period_end, first)

    at = instant("2021-08-31 19:40:12")
    second = book.subscribe(at, customer, [(MEDIUM, 1)])
    _collect(book, at + 4, book.bill(at, second, "subscription_create"))
    _renew_by_card(book, second, instant("2022-06-01 00:00:00"))
    at = instant("2022-06-14 10:02:41")
    book.set_card(at, customer, _card("Two2", "mastercard", "4444", 9, 2026))
    charges = _renew_by_card(book, second, NOW)
    dispute = book.open_dispute(instant("2023-03-06 14:00:00"), charges[8])
    book.close_dispute(instant("2023-04-11 09:30:00"), dispute, is_won=True)
    book.refund(instant("2023-09-05 16:45:00"), charges[14], 1250)
    return book


def account_3() -> Book:
    """Return the events of an upgrade from Medium by card to Enterprise by invoice."""
    book = Book("DogAccount03", is_lean=True)
    at = instant("2019-07-23 12:26:47")
    customer = book.add_customer(at, email="hello@world.com", account_id="3")
    book.set_card(at + 20, customer, _card("Three1", "amex", "0005", 11, 2027))
    subscription = book.subscribe(at + 60, customer, [(MEDIUM, 1)])
    _collect(book, at + 63, book.bill(at + 60, subscription, "subscription_create"))
    at = instant("2019-09-17 04:32:32")
    _renew_by_card(book, subscription, at)
    book.switch(at, subscription, ENTERPRISE, 1, by_invoice=True)
    invoice = book.bill(at, subscription, "subscription_update", only_pending=True)
    book.finalize(at, invoice)
    book.pay_out_of_band(at + 2 * DAY, invoice)
    _renew_by_invoice(book, subscription, NOW)
    return book


def account_7() -> Book:
    """Return the events of a new card payer, whose customer only has the account's e-mail."""
    book = Book("DogAccount07", is_lean=True)
    at = instant("2024-02-16 17:23:05")
    customer = book.add_customer(at, email="fakedatarules@gophermail.com")
    book.set_card(at + 15, customer, _card("Seven1", "visa", "1881", 3, 2024))
    subscription = book.subscribe(at + 30, customer, [(MEDIUM, 1)])
    _collect(book, at + 33, book.bill(at + 30, subscription, "subscription_create"))
    at = book.subscriptions[subscription].period_end
    book.roll(at, subscription)
    invoice = book.bill(at, subscription)
    book.finalize(at + HOUR, invoice)
    book.collect(at + HOUR, invoice, "card_declined")
    book.change(at + HOUR, subscription, status="past_due")
    at += 3 * DAY
    book.set_card(at, customer, _card("Seven2", "visa", "5556", 4, 2028))
    book.collect(at + 90, invoice)
    book.change(at + 90, subscription, status="active")
    return book


def account_35() -> Book:
    """Return the events of the newest Enterprise account: its first invoice is paid by transfer."""
    book = Book("DogAccount35", is_lean=True)
    at = instant("2024-03-08 04:32:32")
    customer = book.add_customer(at, email="skidboot@heelermail.com", account_id="35")
    subscription = book.subscribe(at + 30, customer, [(ENTERPRISE, 1)], by_invoice=True)
    invoice = book.bill(at + 30, subscription, "subscription_create")
    book.finalize(at + HOUR, invoice)
    book.pay_out_of_band(at + 17 * DAY, invoice)
    return book


def rehearsal() -> Book:
    """Return what was tried in test mode; it counts for nothing."""
    book = Book("DogTest00000", is_lean=True, livemode=False)
    at = instant("2023-01-10 10:00:00")
    customer = book.add_customer(at, email="test@dogdb.com", account_id="2")
    book.set_card(at, customer, _card("Test1", "visa", "4242", 1, 2030))
    book.charge_alone(at + 60, customer, 99900)
    book.happenings = book.happenings[-1:]
    return book


BOOKS = (
    catalog,
    account_1,
    account_2,
    account_3,
    account_7,
    account_35,
    rehearsal,
)


def _version(at: int) -> str:
    return next(version for since, version in VERSIONS if at >= since)


def _written(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _delay(event_id: str) -> int:
    """Return the seconds until an event arrived: mostly a few, for one in 25 hours or days."""
    digest = hashlib.sha256(event_id.encode()).digest()
    if digest[0] % 25 == 0:
        return HOUR + int.from_bytes(digest[1:4]) % (3 * DAY)
    return 1 + digest[1] % 40


def _row(happening: Happening, event_id: str, livemode: bool) -> Row | None:
    style = style_of(_version(happening.at), livemode, is_lean=True)
    kind = type_in(happening.type, style)
    if kind is None:
        return None
    return (
        event_id,
        kind,
        _written(happening.at),
        str(livemode).lower(),
        style.version,
        event_text(happening, kind, event_id, style),
        _written(happening.at + _delay(event_id)),
    )


def _of_no_known_type() -> Row:
    """Return an event of a type and a shape that nobody expects."""
    at = instant("2023-06-01 12:00:00")
    event_id, kind, version = "evt_1DogUnknown000001", "kennel.opened", "2022-11-15"
    payload = {
        "id": event_id,
        "object": "event",
        "api_version": version,
        "created": at,
        "data": {"object": ["Rex", {"says": "“woof”"}]},
        "livemode": True,
        "type": kind,
    }
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
    return (event_id, kind, _written(at), "true", version, text, _written(at + 2))


def rows() -> Iterator[Row]:
    """Return the seed's rows in order of arrival; some come twice, and one comes back changed."""
    result = [_of_no_known_type()]
    for make in BOOKS:
        book = make()
        for number, happening in enumerate(book.happenings):
            row = _row(happening, f"evt_1{book.token}{number:04d}", book.livemode)
            if row is not None and happening.at <= NOW:
                result.append(row)
    result.sort(key=lambda row: (row[6], row[0]))
    conflict = next(n for n, row in enumerate(result) if '"amount_paid":50000' in row[5])
    for number, row in enumerate(result):
        yield row
        if number % 50 == 20:
            yield row
        if number == conflict + 5:
            changed = result[conflict][5].replace('"amount_paid":50000', '"amount_paid":1')
            yield (*result[conflict][:5], changed, row[6])


def text() -> str:
    """Return the seed as CSV."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((*row, "", "") for row in rows())
    return output.getvalue()


def truth() -> Iterator[Record]:
    """Return what is true of the seeds' accounts: see `truth.records` and `totals.total_records`.

    Account 7, whose customer has no metadata, goes by its customer's id.
    """
    history = Company(accounts=len(BOOKS), months=59, seed=0, end=dt.date(2024, 3, 31))
    totals: Totals = Counter()
    for make in BOOKS:
        book = make()
        if book.livemode:
            mrr = month_end_mrr(history, book)
            totals.update(totals_of(history, book, mrr))
            yield from records(book, mrr)
    yield from total_records(history, totals)


def main(path: Path = FILE) -> None:
    """Write the seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

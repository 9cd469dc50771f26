"""What is true of an account: its MRR at each month's end, its cash, its subscriptions' statuses.

Computed from the states that the simulation went through, never from the events that tell of them.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise

from dogdb.demo.book import Book, Change
from dogdb.demo.company import Company
from dogdb.demo.mrr import subscription_mrr
from dogdb.demo.objects import Discount

Record = dict[str, object]
MonthlyMrr = dict[tuple[str, str, str], Fraction]
"""MRR in minor units by account, month and currency."""


def written(at: int | None) -> str | None:
    """Return an instant in ISO 8601, UTC."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def month_of(at: int) -> str:
    """Return the first day of an instant's month."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-01")


def _discount_at(book: Book, customer: str, instant: int) -> Discount | None:
    held = [discount for at, discount in book.discounts.get(customer, ()) if at <= instant]
    return held[-1] if held else None


def month_end_mrr(company: Company, book: Book) -> MonthlyMrr:
    """Return MRR by account, month and currency, in minor units, where it is above 0.

    The state at a month's end is the one after everything that happened before the next month's
    first instant. Time is in whole seconds, so it is that of the month's last second: a discount
    that ends with the month still counts.
    """
    changes: dict[str, list[Change]] = defaultdict(list)
    for change in book.changes:
        changes[change.subscription.id].append(change)
    instants = {name: [change.at for change in them] for name, them in changes.items()}
    result: MonthlyMrr = defaultdict(Fraction)
    starts = company.month_starts
    for start, following in pairwise(starts):
        last = min(following, company.ends_at) - 1
        for name, them in changes.items():
            known = bisect_right(instants[name], last)
            if not known:
                continue
            it = them[known - 1]
            own = _discount_at(book, it.subscription.customer, last)
            mrr = subscription_mrr(it.subscription, own, last)
            if mrr:
                result[it.account, month_of(start), it.subscription.currency] += mrr
    return dict(result)


def status_spans(book: Book) -> Iterator[Record]:
    """Return when each subscription had which status; the last span has no end.

    One that a later change of the same second took away again was never had.
    """
    lasting: dict[str, dict[int, Change]] = defaultdict(dict)
    for change in book.changes:
        lasting[change.subscription.id][change.at] = change
    for name, changes in lasting.items():
        them: list[Change] = []
        for change in changes.values():
            if not them or them[-1].subscription.status != change.subscription.status:
                them.append(change)
        for number, change in enumerate(them):
            following = them[number + 1].at if number + 1 < len(them) else None
            yield {
                "kind": "status",
                "account": change.account,
                "subscription": name,
                "status": change.subscription.status,
                "starts_at": written(change.at),
                "ends_at": written(following),
            }


def cash(book: Book) -> Iterator[Record]:
    """Return what moved, by account, month and currency, in minor units."""
    sums: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for money in book.money:
        sums[money.account, month_of(money.at), money.currency][money.kind] += money.amount
    kinds = ("gross", "out_of_band", "refunds", "disputes_opened", "disputes_won", "disputes_lost")
    for (account, month, currency), parts in sorted(sums.items()):
        net = parts["gross"] + parts["out_of_band"] + parts["disputes_won"]
        yield {
            "kind": "cash",
            "account": account,
            "month": month,
            "currency": currency,
            **{kind: parts[kind] for kind in kinds},
            "net": net - parts["refunds"] - parts["disputes_opened"],
        }


def records(book: Book, mrr: MonthlyMrr) -> Iterator[Record]:
    """Return everything that is true of a book's accounts, as records of four kinds.

    `mrr`: account, month, currency, mrr (an exact fraction of minor units; absent means 0).
    `cash`: account, month, currency, the kinds of money and their net, in minor units.
    `status`: account, subscription, status and its span. `account`: the first month with MRR, and
    the first with a payment.
    """
    for (account, month, currency), amount in mrr.items():
        yield {
            "kind": "mrr",
            "account": account,
            "month": month,
            "currency": currency,
            "mrr": str(amount),
        }
    yield from cash(book)
    yield from status_spans(book)
    for account in sorted({book.account_of(customer) for customer in book.customers}):
        paid = [month for owner, month, _ in mrr if owner == account]
        money = [m.at for m in book.money if m.account == account and m.kind == "gross"]
        yield {
            "kind": "account",
            "account": account,
            "first_paid_month": min(paid, default=None),
            "first_charge_month": month_of(min(money)) if money else None,
        }


def lines(found: Iterable[Record]) -> str:
    """Return records as JSON lines."""
    return "".join([json.dumps(record, separators=(",", ":")) + "\n" for record in found])

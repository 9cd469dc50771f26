"""What is true of the whole company: movements of MRR, paid cohorts, months with a payment.

Each account adds its part to one counter, by account and from the simulated truth only; parts of
any number of accounts add up.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from dogdb.demo.book import Book
from dogdb.demo.company import Company
from dogdb.demo.truth import MonthlyMrr, Record, month_of

Totals = Counter[tuple[str, ...]]
"""Sums by kind of record, its key (month, currency, cohort) and the column's name."""

AMOUNTS = ("opening", "new", "expansion", "contraction", "churn", "reactivation", "closing")
COUNTS = ("opening", "new", "churned", "reactivated", "closing")
PAYERS = ("customers", "new", "retained", "returning", "churned")


def months_of(company: Company) -> tuple[str, ...]:
    """Return the first days of the company's months."""
    return tuple(month_of(at) for at in company.month_starts[:-1])


def _movement(was: Fraction, now: Fraction, has_paid: bool) -> tuple[str, str | None]:
    """Return what a difference between two month-end values is, and whom it counts among."""
    if not was:
        return ("reactivation", "reactivated") if has_paid else ("new", "new")
    if not now:
        return "churn", "churned"
    return ("expansion" if now > was else "contraction"), None


def _add_mrr(totals: Totals, months: tuple[str, ...], mrr: MonthlyMrr) -> None:
    by_account: dict[tuple[str, str], dict[str, Fraction]] = defaultdict(dict)
    paid: dict[str, set[str]] = defaultdict(set)
    for (account, month, currency), amount in mrr.items():
        by_account[account, currency][month] = amount
        paid[account].add(month)
    for (account, currency), amounts in by_account.items():
        was = Fraction(0)
        for month in months:
            key = ("month", month, currency)
            now = amounts.get(month, Fraction(0))
            if was:
                totals[*key, "opening"] += was
                totals[*key, "opening_accounts"] += 1
            if now:
                totals[*key, "closing"] += now
                totals[*key, "closing_accounts"] += 1
            if now != was:
                name, among = _movement(was, now, min(paid[account]) < month)
                totals[*key, name] += now - was
                if among:
                    totals[*key, f"{among}_accounts"] += 1
            was = now
    for them in paid.values():
        for month in them:
            totals["cohort", min(them), month] += 1


def _add_payments(totals: Totals, months: tuple[str, ...], book: Book) -> None:
    paid: dict[str, set[str]] = defaultdict(set)
    for money in book.money:
        if money.kind == "gross":
            paid[money.account].add(month_of(money.at))
    for them in paid.values():
        first = min(them)
        for before, month in pairwise(("", *months)):
            if month in them:
                totals["activity", month, "customers"] += 1
                name = "retained" if before in them else "returning"
                totals["activity", month, "new" if month == first else name] += 1
            elif before in them:
                totals["activity", month, "churned"] += 1


def totals_of(company: Company, book: Book, mrr: MonthlyMrr) -> Totals:
    """Return what one book's accounts add to the company's totals.

    Args:
        company: whose months count.
        book: the money that moved.
        mrr: by account, month and currency, from `month_end_mrr`.
    """
    totals: Totals = Counter()
    months = months_of(company)
    _add_mrr(totals, months, mrr)
    _add_payments(totals, months, book)
    return totals


def total_records(company: Company, totals: Totals) -> Iterator[Record]:
    """Return the company's totals as records of three kinds.

    `month`: by month and currency, the roll-forward of MRR as exact fractions of minor units
    (contraction and churn below 0), and how many accounts. `cohort`: by the month in which accounts
    first paid and each month since, how many there are and how many still have MRR. `activity`: by
    month, how many accounts had a successful charge; of these new, retained (also in the month
    before) and returning; and how many of the month before had none.
    """
    months = months_of(company)
    for currency in sorted({key[2] for key in totals if key[0] == "month"}):
        for month in months:
            key = ("month", month, currency)
            amounts = {name: str(totals[*key, name]) for name in AMOUNTS}
            counts = {f"{name}_accounts": totals[*key, f"{name}_accounts"] for name in COUNTS}
            yield {"kind": "month", "month": month, "currency": currency, **amounts, **counts}
    for number, cohort in enumerate(months):
        size = totals["cohort", cohort, cohort]
        for offset, month in enumerate(months[number:] if size else ()):
            yield {
                "kind": "cohort",
                "cohort_month": cohort,
                "month_offset": offset,
                "accounts": size,
                "active_accounts": totals["cohort", cohort, month],
            }
    for month in months:
        counts = {name: totals["activity", month, name] for name in PAYERS}
        yield {"kind": "activity", "month": month, **counts}

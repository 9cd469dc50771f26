"""Currencies and their rates to the dollar."""

import random
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

DIGITS = {"usd": 2, "eur": 2, "gbp": 2, "chf": 2, "jpy": 0, "krw": 0, "kwd": 3, "bhd": 3}
"""Decimal places of the minor unit."""

AROUND = {"eur": "1.1", "gbp": "1.3", "jpy": "0.0067", "krw": "0.0008", "kwd": "3.25"}
LATE = {"krw": 5, "kwd": 4}
"""Currencies whose first rate comes so many months late; the others of AROUND begin at once."""

Rates = dict[tuple[str, date], Fraction]


def major(amount: Fraction | int, currency: str) -> Fraction:
    """Major units of minor ones."""
    return Fraction(amount) / 10 ** DIGITS[currency]


def make_rates(seed: object, months: Iterable[date]) -> Rates:
    """Rates with gaps; francs and dinars of Bahrain never have one."""
    rng = random.Random(f"{seed} rates")
    return {
        (currency, month): Fraction(rate) * rng.randint(9_000, 11_000) / 10_000
        for currency, rate in AROUND.items()
        for number, month in enumerate(months)
        if number == LATE.get(currency, 0)
        or (number > LATE.get(currency, 0) and rng.random() < 0.75)
    }


def rate_of(rates: Rates, currency: str, month: date) -> Fraction | None:
    """A month's rate, or the latest earlier one."""
    if currency == "usd":
        return Fraction(1)
    known = [since for of, since in rates if of == currency and since <= month]
    return rates[currency, max(known)] if known else None

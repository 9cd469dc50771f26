"""Ids, billing periods and whole minor units: the small sums that billing needs."""

import datetime as dt
from calendar import monthrange, timegm

from dogdb.demo.mrr import price_amount
from dogdb.demo.objects import (
    Price,
)

DAY = 86400
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def base62(number: int) -> str:
    """Return a number in digits and letters, as Stripe's ids are written."""
    text = ""
    while True:
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
        if not number:
            return text


def add_months(at: int, months: int) -> int:
    """Return the same day and time some months later, or the month's last day where it has none."""
    moment = dt.datetime.fromtimestamp(at, dt.UTC)
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    day = min(moment.day, monthrange(year, month)[1])
    return timegm((year, month, day, moment.hour, moment.minute, moment.second))


def period_after(price: Price, anchor: int, start: int) -> int:
    """Return the end of the billing period that begins at `start`, counted from the anchor."""
    if price.interval in ("day", "week"):
        return start + price.interval_count * DAY * (1 if price.interval == "day" else 7)
    step = price.interval_count * (12 if price.interval == "year" else 1)
    first = dt.datetime.fromtimestamp(anchor, dt.UTC)
    now = dt.datetime.fromtimestamp(start, dt.UTC)
    passed = (now.year - first.year) * 12 + now.month - first.month
    return add_months(anchor, passed + step)


def share(amount: int, part: int, whole: int) -> int:
    """Return amount × part / whole, rounded half away from zero; exact, without floats."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) * part + whole) // (2 * whole))


def rounded(price: Price, quantity: int) -> int:
    """Return what an invoice asks for this many units: whole minor units, halves up."""
    amount = price_amount(price, quantity)
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)

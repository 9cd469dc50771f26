"""Instants as seconds since 1970; days and months in UTC, a month named by its first day."""

from calendar import monthrange
from datetime import UTC, date, datetime

DAY = 86_400


def instant(day: date) -> int:
    """The first second of a day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def day_of(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()


def month_of(second: int) -> date:
    return day_of(second).replace(day=1)


def shift(month: date, by: int) -> date:
    """The month so many months later."""
    index = month.year * 12 + month.month - 1 + by
    return date(index // 12, index % 12 + 1, 1)


def add_months(second: int, count: int) -> int:
    """The same day and time so many months later, or that month's last day."""
    then = datetime.fromtimestamp(second, UTC)
    month = shift(then.date(), count)
    day = min(then.day, monthrange(month.year, month.month)[1])
    return int(then.replace(year=month.year, month=month.month, day=day).timestamp())


def months_between(first: date, last: date) -> list[date]:
    """All months from one to another, both included."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return [shift(first, number) for number in range(months + 1)]

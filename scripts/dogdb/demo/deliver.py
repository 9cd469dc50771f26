"""How events arrive: as text, some late, some twice, hardly ever in order."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from dogdb.demo.arithmetic import DAY
from dogdb.demo.book import Book
from dogdb.demo.company import Company
from dogdb.demo.shapes.events import event_text, type_in
from dogdb.demo.shapes.template import Style, style_of

LATE = 0.03
"""The share of events that arrive hours or days late."""

TWICE = 0.02
"""The share of events that are delivered again."""


class Delivery(NamedTuple):
    """An event on its way: what the raw table keeps of it."""

    received_at: int
    id: str
    type: str
    created: int
    livemode: bool
    version: str
    body: bytes
    is_again: bool = False


def delay(rng: Random) -> int:
    """Return the seconds between an event and its arrival: at most three weeks."""
    draw = rng.random()
    if draw < LATE / 10:
        return DAY + int(draw * 10 / LATE * 20 * DAY)
    if draw < LATE:
        return 60 + int(draw / LATE * 2 * DAY)
    return 1 + int(draw * 30)


def deliveries(company: Company, book: Book, rng: Random) -> list[Delivery]:
    """Return a book's events in the order of their arrival, the repeated ones included.

    Args:
        company: whose API versions are used.
        book: what happened.
        rng: decides what is late and what comes twice.
    """
    result = list(_deliveries(company, book, rng))
    result.sort()
    return result


def _deliveries(company: Company, book: Book, rng: Random) -> Iterator[Delivery]:
    following = [*company.versions, (company.ends_at + 1, "")]
    step, until = 0, 0
    style: Style | None = None
    for number, happening in enumerate(book.happenings):
        while style is None or happening.at >= until:
            style = style_of(following[step][1], book.livemode)
            step += 1
            until = following[step][0]
        kind = type_in(happening.type, style)
        if kind is None:
            continue
        event_id = f"evt_1{book.token}{number:05d}"
        body = event_text(happening, kind, event_id, style).encode()
        at = happening.at
        arrives = at + delay(rng)
        yield Delivery(arrives, event_id, kind, at, book.livemode, style.version, body)
        if rng.random() < TWICE:
            again = arrives + 5 + delay(rng)
            yield Delivery(again, event_id, kind, at, book.livemode, style.version, body, True)

"""The cells of a mart, and in which of them it is not what is true."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Rational

from conftest import Warehouse

Cells = Mapping[tuple, object]
"""Values by what names them; the last part of a name is often the column."""

NEARLY = Fraction(1, 10**6)


def exact(value: object) -> object:
    """A decimal as a fraction, anything else as it is."""
    return Fraction(value) if isinstance(value, Decimal) else value


def cells_of(warehouse: Warehouse, relation: str, keys: str, like: Cells) -> dict:
    """The cells of a relation by its keys and column; of the columns that other cells are of."""
    columns, count = sorted({column for *_, column in like}), keys.count(",") + 1
    rows = warehouse.query(f"select {keys}, {', '.join(columns)} from {relation}")
    return {
        (*row[:count], column): exact(value)
        for row in rows
        for column, value in zip(columns, row[count:], strict=True)
    }


def names_of(warehouse: Warehouse) -> dict[str | int, str | int]:
    """By customer and by account's number: its number, or the customer who is one of its own."""
    rows = warehouse.query(
        "select stripe_customer_id, account_id, account_link = 'none' and count(*) over"
        " (partition by account_id) = 1 from core.stripe_customers"
    )
    names = {}
    for customer, account, is_alone in rows:
        names[customer] = names[account] = customer if is_alone else account
    return names


def is_same(true: object, found: object) -> bool:
    if isinstance(true, Rational) and isinstance(found, Rational):
        return abs(true - found) <= max(NEARLY, abs(true) / 10**8)
    return true == found


def differing(name: str, truth: Cells, found: Cells) -> list[str]:
    """What is not the same, to be read; a cell that one of them lacks is empty or 0."""
    different = []
    for key in sorted(truth.keys() | found.keys(), key=str):
        true, other = truth.get(key), found.get(key)
        are_both = key in truth and key in found
        differs = not is_same(true, other) if are_both else true or other
        if differs:
            shown = (float(v) if isinstance(v, Fraction) else v for v in (true, other))
            different.append("{}: {}: true {}, found {}".format(name, list(map(str, key)), *shown))
    return different

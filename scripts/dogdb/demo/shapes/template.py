"""Templates of Stripe's objects, in the shape of any API version.

A shape is the object as a dict with slots. `"$name"` (also inside a longer text) takes text that
needs no escaping, `"#name"` takes JSON. Versions are compared by their names, which begin with
their dates. Text is made by filling templates, never by building and dumping dicts: a made company
has millions of events.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from operator import itemgetter

OLDEST = "2018-02-28"
PAYMENT_METHOD = "2019-03-14"
SINGLE_PRICE = "2020-08-27"
LATEST_CHARGE = "2022-11-15"
BASIL = "2025-03-31.basil"
CLOVER = "2025-09-30.clover"


Shape = dict[str, object]
Values = dict[str, str]
"""The slots of a template, each JSON or text that needs no escaping."""


SHAPES: dict[str, Callable[[str], Shape]] = {}
"""Every shape by the name of its object: an API version in, the dict with slots out."""


EMPTY: tuple[object, ...] = (None, [], {})
SETTINGS = frozenset(
    {
        "allow_redisplay",
        "amount_authorized",
        "amount_shipping",
        "authorization_code",
        "billing_mode",
        "calculated_statement_descriptor",
        "client_secret",
        "display_brand",
        "extended_authorization",
        "hosted_invoice_url",
        "incremental_authorization",
        "invoice_pdf",
        "issuer",
        "multicapture",
        "network_token",
        "network_transaction_id",
        "next_invoice_sequence",
        "overcapture",
        "payment_settings",
        "pdf",
        "receipt_url",
        "regulated_status",
        "rendering",
        "trial_settings",
    }
)
"""Fields of an object that say how Stripe treats it, and nothing of what happened."""


@dataclass(frozen=True, eq=False, slots=True)
class Style:
    """How to render: the API version, live or test mode, all of Stripe's fields or a lean set.

    Compared by identity, as text is kept by style: get one from `style_of`.
    """

    version: str
    livemode: bool = True
    is_lean: bool = False


@cache
def style_of(version: str, livemode: bool = True, is_lean: bool = False) -> Style:
    """Return the one style of these values."""
    return Style(version, livemode, is_lean)


def shape(make: Callable[[str], Shape]) -> Callable[[str], Shape]:
    """Register a shape under its function's name."""
    SHAPES[make.__name__] = make
    return make


def listed(data: str, url: str) -> Shape:
    """Return Stripe's list around some objects."""
    return {"object": "list", "data": data, "has_more": False, "url": url}


def number(value: int | None) -> str:
    """Return a number or null, as JSON."""
    return "null" if value is None else str(value)


def text(value: str | None) -> str:
    """Return a text that needs no escaping, or null, as JSON."""
    return "null" if value is None else f'"{value}"'


def flag(value: bool) -> str:
    """Return true or false, as JSON."""
    return "true" if value else "false"


def without_empty(shape: object) -> object:
    """Return a shape without what is always empty or a setting: lean, and still Stripe's."""
    if isinstance(shape, dict):
        kept = {name: without_empty(value) for name, value in shape.items() if name not in SETTINGS}
        return {
            name: value
            for name, value in kept.items()
            if name == "metadata" or not any(value is e or value == e for e in EMPTY)
        }
    if isinstance(shape, list):
        return [without_empty(value) for value in shape]
    return shape


def as_format(shape: object) -> str:
    """Return a shape as JSON with named places for `%`."""
    text = json.dumps(shape, separators=(",", ":")).replace("%", "%%")
    return re.sub(r"\$(\w+)", r"%(\1)s", re.sub(r'"#(\w+)"', r"%(\1)s", text))


def shape_of(name: str, version: str, lean: bool = False) -> Shape:
    """Return an object's shape.

    Args:
        name: one of `SHAPES`.
        version: the API version.
        lean: leave out fields that are always empty, and settings.
    """
    shape = SHAPES[name](version)
    return without_empty(shape) if lean else shape


@cache
def template(name: str, version: str, lean: bool = False) -> str:
    """Return an object's shape as a format for `%`; the arguments are those of `shape_of`."""
    if name == "raw":
        return "%(text)s"
    return as_format(shape_of(name, version, lean))


@cache
def filler(name: str, version: str, lean: bool = False) -> Callable[[Mapping[str, str]], str]:
    """Return what fills an object's template: joining its parts is twice as fast as `%`."""
    first, *others = re.split(r"%\((\w+)\)s", template(name, version, lean).replace("%%", "%"))
    slots = others[::2]
    parts = [first, *others]
    values = itemgetter(*slots) if len(slots) > 1 else lambda given: (given[slots[0]],)

    def filled(given: Mapping[str, str]) -> str:
        parts[1::2] = values(given)
        return "".join(parts)

    return filled


@cache
def fields_of(name: str, version: str, lean: bool = False) -> dict[str, dict[str, str]]:
    """Return, for each slot, the object's own fields it appears in, each with its format."""
    result: dict[str, dict[str, str]] = {}
    for field, value in shape_of(name, version, lean).items():
        text = as_format(value)
        for slot in re.findall(r"%\((\w+)\)s", text):
            result.setdefault(slot, {})[field] = text
    return result


def fill(name: str, values: Values, style: Style) -> str:
    """Return an object's text, its slots filled."""
    return filler(name, style.version, style.is_lean)(values)

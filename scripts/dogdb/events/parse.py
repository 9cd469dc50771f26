"""From the bytes of one event to what is stored of it. Pure; never raises on any bytes.

A body is *usable* where PostgreSQL's jsonb takes it without losing meaning, and it is an object
with an id, a type and a time. Everything else is kept too, with the reason why it is not.
"""

import hashlib
import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson

MAX_DEPTH = 500
"""Deepest nesting taken; Stripe's own objects stay below 20. Fixed here, because what a server
takes depends on its `max_stack_depth`, and what Python takes on its version."""

MAX_BYTES = 1 << 28
"""Longest body taken: an object of jsonb holds no more (its JENTRY_OFFLENMASK, utils/jsonb.h)."""

MAX_ID = MAX_TYPE = 255
"""Longest id, in characters, as Stripe promises (https://docs.stripe.com/upgrades, "What changes
does Stripe consider to be backward-compatible?")."""

MAX_INTEGER_DIGITS, MAX_FRACTION_DIGITS = 131_072, 16_383
"""What PostgreSQL's numeric holds before and after the point (its manual, section 8.1.2)."""

FIRST_TIME, LAST_TIME = datetime(2009, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Stripe was not before the first, and the models' calendars end with the last."""

PLAIN_BYTES = 15_000
"""Longest body that a look at its exponents clears of fractions that numeric can't hold."""

SMALL_NUMBER = re.compile(rb"-(?<=[eE]-)\d{4}")  # beginning with one byte it is ten times as fast
TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
ESCAPES = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u(?P<code>....)|\\.", re.DOTALL)


class Event(NamedTuple):
    """One body and what could be read of it; its fields are columns of `raw.stripe_events`.

    `is_json` tells that PostgreSQL can cast the body to jsonb; `quarantine_reason` is None where
    the event is usable. Reasons carry nothing of the body, so they may be logged.
    """

    id: str
    type: str | None
    created: datetime | None
    livemode: bool | None
    api_version: str | None
    is_json: bool
    account: str | None
    body: bytes
    body_sha256: bytes
    quarantine_reason: str | None


class _RefusedError(ValueError):
    """The text is JSON, but jsonb can't hold it, or not without losing meaning."""


def _number(text: str) -> float:
    """Read a number with a fraction or an exponent; refuse what numeric can't hold."""
    if len(text) > 100 or "e" in text or "E" in text:
        try:
            exponent = Decimal(text).as_tuple().exponent
            digits = Decimal(text).adjusted() + 1
        except InvalidOperation:
            raise _RefusedError("a number is beyond what PostgreSQL holds") from None
        if digits > MAX_INTEGER_DIGITS or -int(exponent) > MAX_FRACTION_DIGITS:
            raise _RefusedError("a number is beyond what PostgreSQL holds")
    return float(text)


def _constant(_: str) -> None:
    raise _RefusedError("NaN or Infinity is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object; refuse a key that comes twice with different values."""
    result = dict(pairs)
    if len(result) != len(pairs) and any(repr(result[key]) != repr(value) for key, value in pairs):
        raise _RefusedError("a key comes twice with different values")
    return result


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of the keys that have one value only."""
    result = dict(pairs)
    for key, value in pairs:
        if key in result and repr(result[key]) != repr(value):
            del result[key]
    return result


_STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_constant=_constant)
_LENIENT = json.JSONDecoder(
    object_pairs_hook=_unambiguous,
    parse_float=lambda _: None,
    parse_int=lambda digits: int(digits) if len(digits) <= 18 else None,
    parse_constant=lambda _: None,
)


def _pruned(text: str) -> str:
    """Return the text with everything nested deeper than `MAX_DEPTH` replaced by null."""
    pieces, depth, kept_to = [], 0, 0
    for token in TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                pieces += [text[kept_to : token.start()], "null"]
        elif token[0] in "]}":
            if depth == MAX_DEPTH + 1:
                kept_to = token.end()
            depth -= 1
    if not pieces:
        return text
    return "".join(pieces) + (text[kept_to:] if depth <= MAX_DEPTH else "")


def _bad_escape(text: str) -> str | None:
    r"""Return why jsonb refuses an escape of valid JSON (\u0000, half a pair), or None."""
    for escape in ESCAPES.finditer(text):
        code = escape["code"]
        if code == "0000":
            return "a string holds the character U+0000"
        if code and code[0] in "dD" and code[1] in "89abcdefABCDEF":
            return "a string holds half of a surrogate pair"
    return None


def _decoded(text: str) -> tuple[Any, str | None]:
    """Return what the text says and why jsonb can't hold it (None where it can).

    Where it can't, what it says is read as far as it is unambiguous.

    Raises:
        ValueError: where it is not JSON.
    """
    reason = None
    if text.startswith("\ufeff"):
        text, reason = text[1:], "it starts with a byte order mark"
    if text.count("[") + text.count("{") > MAX_DEPTH and (pruned := _pruned(text)) != text:
        text, reason = pruned, f"it is nested deeper than {MAX_DEPTH} levels"
    try:
        value = _STRICT.decode(text)
    except json.JSONDecodeError:
        raise
    except _RefusedError as error:
        return _LENIENT.decode(text), str(error)
    except ValueError:  # Python's own limit for the digits of an integer
        return _LENIENT.decode(text), "a number is beyond what PostgreSQL holds"
    if "\\u0" in text or "\\ud" in text or "\\uD" in text:
        reason = reason or _bad_escape(text)
    return value, reason


def _plain(body: bytes) -> dict[str, Any] | None:
    """Return what a plain event says, several times as fast; None where it takes a closer look.

    What orjson takes is UTF-8 and JSON. It is silent about what jsonb would refuse or lose, so all
    that may be such is looked for here: escapes, numbers next to nothing, and keys that come
    twice, for those lack a string when they are written again. More than 254 levels it does not
    write.
    """
    if len(body) > PLAIN_BYTES:
        return None
    if b"\\u" in body and (b"\\u0022" in body or _bad_escape(body.decode(errors="replace"))):
        return None
    if SMALL_NUMBER.search(body):
        return None
    try:
        value = orjson.loads(body)
        if type(value) is not dict or orjson.dumps(value).count(b'"') != body.count(b'"'):
            return None
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return value


def _text(value: object) -> str | None:
    """Return a string that PostgreSQL can hold, None for anything else."""
    if not isinstance(value, str) or not value or "\0" in value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value


def _time(value: object) -> datetime | None:
    """Return the instant of seconds since 1970 (v1) or of an ISO 8601 text with a zone (v2).

    None where it is none, or not between FIRST_TIME and LAST_TIME.
    """
    try:
        if isinstance(value, str):
            instant = datetime.fromisoformat(value)
        elif type(value) is int:
            instant = datetime.fromtimestamp(value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    if instant.tzinfo is None or not FIRST_TIME <= instant < LAST_TIME:
        return None
    return instant.astimezone(UTC)


def _is_usable_id(identifier: str | None) -> bool:
    """Tell whether an id can be a key here: not too long, and not of the forms this table makes."""
    return (
        identifier is not None
        and len(identifier) <= MAX_ID
        and identifier.isprintable()
        and "#" not in identifier
        and not identifier.startswith("sha256:")
    )


def parse(body: bytes) -> Event:
    """Read one event as Stripe sent it.

    Args:
        body: the exact bytes of one event.

    Returns:
        What to store. A body without a usable id is known by its own digest.
    """
    digest = hashlib.sha256(body).digest()
    value, reason = _plain(body), None
    is_json = value is not None
    try:
        if len(body) > MAX_BYTES:
            reason = f"it is longer than {MAX_BYTES} bytes"
        elif not is_json:
            value, reason = _decoded(body.decode())
            is_json = reason is None
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    except RecursionError:
        reason = f"it is nested deeper than {MAX_DEPTH} levels"
    except ValueError:
        reason = "it is not JSON" if body.strip() else "it is empty"
    if type(value) is not dict:
        reason = reason or "it is JSON, but not an object"
        value = {}
    identifier = _text(value.get("id"))
    kind, version = _text(value.get("type")), _text(value.get("api_version"))
    created = _time(value.get("created"))
    if not _is_usable_id(identifier):
        reason = reason or "it has no id"
        identifier = f"sha256:{digest.hex()}"
    elif kind is None:
        reason = reason or "it has no type"
    elif len(kind) > MAX_TYPE:
        reason, kind = reason or "its type is too long", None
    elif len(version or "") > MAX_TYPE:
        reason, version = reason or "its API version is too long", None
    elif created is None:
        reason = reason or "it has no time of creation from 2009 to 2199"
    livemode = value.get("livemode")
    return Event(
        identifier,
        kind,
        created,
        livemode if type(livemode) is bool else None,
        version,
        is_json,
        _text(value.get("account")) or _text(value.get("user_id")) or _text(value.get("context")),
        body,
        digest,
        reason,
    )

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dogdb.events import parse as parsing
from dogdb.events.parse import MAX_DEPTH, parse

FIELDS = b'"id": "evt_1", "type": "charge.succeeded", "created": 1700000000'


def event(more: bytes = b"") -> bytes:
    return b"{" + FIELDS + (b", " + more if more else b"") + b"}"


def test_a_plain_event_is_usable():
    body = event(b'"livemode": true, "api_version": "2014-01-31", "user_id": "acct_1"')
    found = parse(body)
    assert found.id == "evt_1"
    assert found.type == "charge.succeeded"
    assert found.created.isoformat() == "2023-11-14T22:13:20+00:00"
    assert (found.livemode, found.api_version, found.account) == (True, "2014-01-31", "acct_1")
    assert (found.body, found.is_json, found.quarantine_reason) == (body, True, None)


@pytest.mark.parametrize(
    "more",
    [
        b'"data": {"object": {}}',
        b'"request": "req_1"',
        b'"request": null, "api_version": null',
        b'"x": 123456789012345678901234567890',
        b'"x": "\\ud83d\\ude00 \\\\u0000"',
        b'"x": 1, "x": 1',
        b'"x": ' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1),
        b'"x": ["[", "{", "\\"["]',
        b'"x": 1.5e300',
    ],
)
def test_odd_events_are_usable(more):
    assert parse(event(more)).quarantine_reason is None


def test_a_thin_event_is_usable():
    body = (
        b'{"id": "evt_test_65", "object": "v2.core.event", "type": "v1.billing.meter.no_meter",'
        b' "created": "2024-09-17T06:20:52.246Z", "context": "acct_2"}'
    )
    found = parse(body)
    assert found.quarantine_reason is None
    assert found.created.isoformat() == "2024-09-17T06:20:52.246000+00:00"
    assert found.account == "acct_2"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (event(b'"x": "\\u0000"'), "U+0000"),
        (event(b'"x": "\\ud83d"'), "surrogate"),
        (event(b'"x": "\\ude00\\ud83d"'), "surrogate"),
        (event(b'"x": NaN'), "NaN"),
        (event(b'"x": -Infinity'), "NaN"),
        (event(b'"x": 1e200000'), "number"),
        (event(b'"x": 1e-20000'), "number"),
        (event(b'"x": 1e99999999999999999999'), "number"),
        (event(b'"x": 1' + b"0" * 140_000), "number"),
        (event(b'"x": 1, "x": 2'), "twice"),
        (event(b'"x": {"y": 1, "y": true}'), "twice"),
        (event(b'"x": ' + b"[" * 5_000 + b"]" * 5_000), "deeper"),
        (event(b'"x": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000), "deeper"),
        (b"\xef\xbb\xbf" + event(), "byte order mark"),
    ],
)
def test_what_jsonb_refuses_keeps_its_id_type_and_time(body, reason):
    found = parse(body)
    assert (found.id, found.type, found.created.year) == ("evt_1", "charge.succeeded", 2023)
    assert (found.is_json, found.body) == (False, body)
    assert reason in found.quarantine_reason


@pytest.mark.parametrize(("name", "kept"), [("type", "api_version"), ("api_version", "type")])
def test_what_is_too_long_for_a_key_is_none(name, kept):
    body = {"id": "evt_1", "created": 1_700_000_000, kept: "short", name: "x" * 300}
    found = parse(json.dumps(body).encode())
    assert (found.id, getattr(found, kept), getattr(found, name)) == ("evt_1", "short", None)
    assert "too long" in found.quarantine_reason


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"[]",
        b'"text"',
        b"5",
        b"null",
        b"{}",
        b"{",
        b'{"id": 5, "type": "t", "created": 1}',
        b'{"id": "", "type": "t", "created": 1}',
        b'{"id": "a", "id": "b", "type": "t", "created": 1}',
        b'{"id": "sha256:00", "type": "t", "created": 1}',
        b'{"id": "evt_1#00", "type": "t", "created": 1}',
        b'{"id": "a\\u0000", "type": "t", "created": 1}',
        b'{"id": "a\\ud800", "type": "t", "created": 1}',
        b'{"id": "%b", "type": "t", "created": 1}' % (b"x" * 256),
        b"\xff" + event(),
        event().decode().encode("utf-16"),
        b"[" * 200_000,
    ],
)
def test_a_body_without_a_usable_id_is_known_by_its_digest(body):
    found = parse(body)
    assert found.id == "sha256:" + hashlib.sha256(body).hexdigest()
    assert found.quarantine_reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"id": "evt_1", "created": 1}', "type"),
        (b'{"id": "evt_1", "type": 7, "created": 1}', "type"),
        (b'{"id": "evt_1", "type": "t"}', "time"),
        (b'{"id": "evt_1", "type": "t", "created": true}', "time"),
        (b'{"id": "evt_1", "type": "t", "created": -1}', "time"),
        (b'{"id": "evt_1", "type": "t", "created": 1e9}', "time"),
        (b'{"id": "evt_1", "type": "t", "created": 999999999999999}', "time"),
        (b'{"id": "evt_1", "type": "t", "created": 1230767999}', "2009"),
        (b'{"id": "evt_1", "type": "t", "created": "2200-01-01T00:00:00Z"}', "2199"),
        (b'{"id": "evt_1", "type": "t", "created": "2024-09-17"}', "time"),
    ],
)
def test_an_event_without_type_or_time_is_kept_apart_with_its_payload(body, reason):
    found = parse(body)
    assert (found.id, found.is_json) == ("evt_1", True)
    assert reason in found.quarantine_reason


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u0d8a1eE+-. ').map(str.encode))
def test_any_bytes_give_a_row(body):
    found = parse(body)
    assert found.body == body
    assert found.quarantine_reason


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_the_digits_and_the_escapes_decide_not_the_form(value):
    text = json.dumps(value)
    found = parse(event(b'"x": ' + text.encode()))
    is_refused = "\\u0000" in json.dumps(value).replace("\\\\", "")
    if any(0xD800 <= ord(letter) < 0xE000 for letter in json.dumps(value, ensure_ascii=False)):
        is_refused = True
    assert found.is_json is not is_refused


PIECES = st.sampled_from(
    [
        *('{"id": "a", "type": "t", "created": 1700000000, ', '"x": ', '"x"', ": ", ", ", "{", "}"),
        *("[", "]", "}}", '"', "\\", "1", "-0", "01", "1e5", "1e400", "1e-20000", "2E-9999", "0.5"),
        *("9" * 30, "9" * 400, "0." + "1" * 16_384, "0." + "1" * 9_999 + "e-9999", "NaN", "null"),
        *("true", '"\\u0000"', '"\\u0022"', '"\\ud800"', '"\\ude00"', '"\\ud83d\\ude00"', '"é"'),
        *("\ufeff", "\u2028", "\0", "\x0b", "\n", "[" * 300 + "]" * 300, "[" * 600 + "]" * 600),
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join).map(str.encode) | st.binary(max_size=40))
def test_the_fast_way_and_the_thorough_one_say_the_same(piece):
    for body in (piece, event(b'"x": ' + piece), event(b'"x": [' + piece + b"]")):
        fast = parse(body)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parsing, "_plain", lambda _: None)
            assert parse(body) == fast


def test_a_plain_event_goes_the_fast_way():
    assert parsing._plain(event(b'"x": ["e-12", -5, "\\u00e9"]')) is not None

"""Licence texts of every kind: read as meant, or rejected; never lost, never guessed."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extras import execute_values

from conftest import FULL

LOOSE = settings(
    max_examples=2000 if FULL else 200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

UNREADABLE = [
    None,
    "",
    " ",
    "null",
    "true",
    "12",
    '"text"',
    "[]",
    '[{"license_id":"a"}]',
    "{",
    "}",
    "{}}",
    '{"license_id":"a"',
    '{"license_id":"a",}',
    '{"license_id":"a"} {"license_id":"b"}',
    '{"license_id":"a","license_id":"b"}',
    "{“license_id”:“a”,“license_id”:“b”}",
    '{"license_id":"a","license_id":"a"}',
    "{'license_id':'a'}",
    "{‘license_id’:‘a’}",
    "{license_id:a}",
    '{"license_id":"\\u0000"}',
    '{"license_id":"\\ud800"}',
    '{"license_id":"a","n":NaN}',
    '{"license_id":"a","n":Infinity}',
    '{"license_id":"a","n":1e999999}',
    '{"license_id":"a\nb"}',
    "\ufeff" + '{"license_id":"a"}',
    "{“license_id”:“a”,“note”:“he said “x”, “y”: “z””}",
    "[" * 6000 + "]" * 6000,
    '{"license_id":' * 3000,
    "“" * 3000,
    "<license_id>a</license_id>",
    "license_id=a",
    "{“license_id”:“a”, /* comment */ “role”:“x”}",
    '{"license_id":"a" "role":"x"}',
    "\\",
    "{“\\",
    '{“license_id”:“5" wide","role":"b”}',
    "{“license_id”:“" + "a" * 100_000 + "”}",
]

READABLE = [
    ('{"license_id":"a"}', {"license_id": "a"}),
    ("{“license_id”:“a”}", {"license_id": "a"}),
    ("{”license_id“:”a“}", {"license_id": "a"}),
    ('{"license_id”:“a"}', {"license_id": "a"}),
    (' {\n\t“license_id” : “a” }\r\n', {"license_id": "a"}),
    ('{"license_id":"“a”"}', {"license_id": "“a”"}),
    ('{"license_id":"say \\"a\\""}', {"license_id": 'say "a"'}),
    ("{“license_id”:“say “a” twice”}", {"license_id": "say “a” twice"}),
    ("{“license_id”:“say “a”, “b””}", {"license_id": "say “a”, “b”"}),
    ("{“license_id”:“5” wide”}", {"license_id": "5” wide"}),
    ("{“license_id”:“5\" wide”}", {"license_id": '5" wide'}),
    ("{“license_id”:“say \\“a\\””}", {"license_id": "say “a”"}),
    ("{“license_id”:“a\\\\”}", {"license_id": "a\\"}),
    ("{“license_id”:“ä€😀\\u00e9”}", {"license_id": "ä€😀é"}),
    ("{“license_id”:“a”,“n”:[1,2.5,{“deep”:null}],“t”:true}",
     {"license_id": "a", "n": [1, 2.5, {"deep": None}], "t": True}),
    ("{“license_id”:“{“, “role”:“}”}", {"license_id": "{", "role": "}"}),
    ("{”license_id”\t:\r\n”a”\n}", {"license_id": "a"}),
    ("{“license_id”:“a”,“note”:“" + "b" * 50_000 + "”}", {"license_id": "a", "note": "b" * 50_000}),
]  # fmt: skip


@pytest.fixture(scope="module")
def cursor(seeded):
    session = seeded.connect()
    session.autocommit = True
    with session.cursor() as cursor:
        yield cursor
    session.close()


def read(cursor, text: str | None) -> dict | None:
    cursor.execute("select utilities.json_from_text(%s)", [text])
    return cursor.fetchone()[0]


@pytest.mark.parametrize("text", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_has_no_single_reading_is_not_guessed(cursor, text):
    assert read(cursor, text) is None


@pytest.mark.parametrize(("text", "meant"), READABLE, ids=range(len(READABLE)))
def test_what_has_one_reading_is_read(cursor, text, meant):
    assert read(cursor, text) == meant


PLAIN = st.text(st.characters(exclude_characters='"“”\x00', exclude_categories=["Cs"]), max_size=12)
QUOTED = st.lists(st.one_of(PLAIN, PLAIN.map(lambda text: f"“{text}”")), max_size=3).map("".join)


def curly(value: object, quotes: st.DataObject) -> str:
    """Write JSON as somebody's word processor would: every delimiter straight or curly."""
    if isinstance(value, str):
        left, right = quotes.draw(st.sampled_from(["“”", '""', "”“", '"”', '“"', "””"]))
        return left + json.dumps(value, ensure_ascii=False)[1:-1] + right
    pairs = (f"{curly(key, quotes)}: {curly(item, quotes)}" for key, item in value.items())
    return "{" + ",".join(pairs) + "}"


def as_json(text: str) -> dict | None:
    """What the text says where its straight quotes alone make JSON of it."""
    try:
        return json.loads(text)
    except ValueError:
        return None


@LOOSE
@given(st.dictionaries(PLAIN, PLAIN, min_size=1, max_size=5), st.data())
def test_whatever_the_delimiters_the_content_is_read(cursor, license_object, data):
    text = curly(license_object, data)
    as_it_stands = as_json(text)
    if as_it_stands is not None:
        assert read(cursor, text) == as_it_stands
    elif any(set(part) & set(":,{}[]") for pair in license_object.items() for part in pair):
        assert read(cursor, text) in (license_object, None)
    else:
        assert read(cursor, text) == license_object


@LOOSE
@given(st.dictionaries(PLAIN, QUOTED, min_size=1, max_size=4))
def test_straight_json_is_read_as_it_stands_whatever_it_contains(cursor, license_object):
    assert read(cursor, json.dumps(license_object, ensure_ascii=False)) == license_object
    assert read(cursor, json.dumps(license_object)) == license_object


@LOOSE
@given(st.text(st.sampled_from('{}[]:,"“”\\ a1\n'), max_size=40))
def test_no_text_fails_and_only_objects_come_out(cursor, text):
    assert isinstance(read(cursor, text), dict | None)


def test_every_raw_licence_is_counted_superseded_or_rejected(empty):
    """Fifty hostile texts and as many good ones: nothing is lost, and the build is green."""
    texts = UNREADABLE + [text for text, _ in READABLE]
    empty.query(
        "create schema raw; create table raw.customer_licenses (account_id numeric,"
        " license_data text, created_at timestamp, updated_at timestamp)"
    )
    session = empty.connect()
    with session, session.cursor() as cursor:
        rows = [(number, text, "2024-01-01", "2024-01-02") for number, text in enumerate(texts)]
        insert = "insert into raw.customer_licenses values %s"
        execute_values(cursor, insert, rows)
        others = [(None, '{"license_id":"z"}'), (999, json.dumps({"license_id": "z" * 256}))]
        execute_values(cursor, insert, [(*other, "2024-01-01", "2024-01-01") for other in others])
    session.close()
    printed = empty.dbt("build", "--select", "+customer_licenses", "+rejected_records")
    assert "rejected_records__there_are_none" in printed
    assert f"WARN {len(UNREADABLE) + 2}" in printed
    (rejected,) = empty.query("select sum(record_count) from core.rejected_records")[0]
    assert rejected == len(UNREADABLE) + 2
    held = empty.query("select license_id from core.customer_licenses")
    assert {name for (name,) in held} == {meant["license_id"] for _, meant in READABLE}
    kept = empty.query(
        "select count(*) from raw.customer_licenses as raw_rows where not exists ("
        " select from core.rejected_records where original_record::jsonb ->> 'license_data'"
        " is not distinct from raw_rows.license_data)"
    )
    assert kept == [(len(READABLE),)]


def test_dates_and_numbers_that_are_none_are_null_not_errors(cursor):
    for text in ("now", "infinity", "2024-02-30", "0001-01-01", "01/02/2024", "2024-1-1", "", "x"):
        cursor.execute("select utilities.to_utc(%s::text), utilities.to_day(%s::text)", [text] * 2)
        assert cursor.fetchone() == (None, None), text
    for text in ("NaN", "1e5", "0x10", "", " ", "1.5.2", "9" * 400, "--1", "Infinity"):
        cursor.execute("select utilities.to_amount(%s::text)", [text])
        assert cursor.fetchone() == (None,), text
    for text in ("1.5", "9223372036854775808", "a", "NaN", ""):
        cursor.execute("select utilities.to_whole_number(%s::text)", [text])
        assert cursor.fetchone() == (None,), text


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Kathmandu"])
def test_the_session_zone_moves_no_instant(seeded, zone):
    session = seeded.connect()
    with session, session.cursor() as cursor:
        cursor.execute("set timezone to %s", [zone])
        cursor.execute(
            "select extract(epoch from utilities.to_utc('2024-01-01 10:00'::text)),"
            " extract(epoch from utilities.to_utc('2024-01-01 10:00'::timestamp)),"
            " extract(epoch from utilities.to_utc('2024-01-01T12:00:00.0+02:00'::text)),"
            " extract(epoch from utilities.to_utc('2024-01-01 12:00:00 +0200'::text)),"
            " extract(epoch from utilities.to_utc('2024-01-01 05:00 -05'::text)),"
            " extract(epoch from utilities.to_utc('2024-01-01 10:00Z'::text)),"
            " extract(epoch from utilities.to_utc('2024-01-01 10:00 UTC'::text)),"
            " extract(epoch from utilities.to_utc('2024-01-01'::text)) + 36000,"
            " extract(epoch from utilities.to_day('2024-01-01T00:30+00:00'::text)) + 36000"
        )
        assert {int(value) for value in cursor.fetchone()} == {1704103200}
    session.close()


def test_what_catches_errors_is_left_to_one_process(seeded):
    """A parallel worker can't; PostgreSQL 18's catches errors that there are none, then."""
    functions = seeded.query(
        "select proname, proparallel, coalesce(pg_get_function_sqlbody(oid), prosrc) from pg_proc"
        " where pronamespace = 'utilities'::regnamespace"
    )
    catching = {name for name, _, body in functions if "exception when" in body}
    for _ in functions:
        calls = tuple(f"utilities.{name}(" for name in catching)
        catching |= {name for name, _, body in functions if any(call in body for call in calls)}
    assert {"to_utc", "to_day", "json_or_null", "json_object_or_null"} <= catching
    assert not [
        name
        for name, parallel, body in functions
        if parallel == "s" and ("exception when" in body or any(call in body for call in calls))
    ]


def test_numbers_keep_every_digit(cursor):
    cursor.execute(
        "select utilities.to_amount(' 12345678901234567.89 '), utilities.to_amount('-0.10'),"
        " utilities.to_whole_number(' 9223372036854775807 '),"
        " utilities.to_whole_number('-9223372036854775807.00')"
    )
    assert list(map(str, cursor.fetchone())) == [
        "12345678901234567.89",
        "-0.10",
        "9223372036854775807",
        "-9223372036854775807",
    ]

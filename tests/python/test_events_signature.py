from hashlib import sha256

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from dogdb.events.signature import MAX_HEADER_BYTES, refusal, secrets_of, sign

SECRET, OLD = (b"whsec_" + sha256(name).hexdigest()[:32].encode() for name in (b"new", b"old"))
NOW = 1_700_000_000
BODY = b'{"id": "evt_1"}'
RIGHT = sign(BODY, SECRET, NOW)
HEX = RIGHT.partition(b"v1=")[2]


def test_stripes_own_library_agrees():
    header = RIGHT.decode()
    assert stripe.WebhookSignature.verify_header(BODY.decode(), header, SECRET.decode())
    payload = f"{NOW}.{BODY.decode()}"
    theirs = stripe.WebhookSignature._compute_signature(payload, SECRET.decode())
    assert refusal(b"t=%d,v1=%b" % (NOW, theirs.encode()), BODY, [SECRET], NOW) is None


@pytest.mark.parametrize(
    "header",
    [
        RIGHT,
        RIGHT + b",v0=00",
        b"t=%d, v1=%b" % (NOW, HEX),
        b"v1=%b,t=%d" % (HEX, NOW),
        b"t=%d,v1=%b" % (NOW, HEX.upper()),
        b"t=%d,v1=00,v1=%b" % (NOW, HEX),
        sign(BODY, OLD, NOW),
        sign(BODY, SECRET, NOW - 300),
        sign(BODY, SECRET, NOW + 300),
    ],
)
def test_right_signatures_are_taken(header):
    for part_of_second in (0, 0.5):
        assert refusal(header, BODY, [SECRET, OLD], NOW + part_of_second) is None


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"v1=" + HEX,
        b"t=%d" % NOW,
        b"t=%d,v0=%b" % (NOW, HEX),
        RIGHT[:-1],
        RIGHT + b"0",
        b"t=%d,t=%d,v1=%b" % (NOW, NOW, HEX),
        sign(BODY, SECRET, NOW - 301),
        sign(BODY, SECRET, NOW + 301),
        sign(BODY, SECRET, NOW + 86_400),
        b"t=-1,v1=" + HEX,
        b"t=1e9,v1=" + HEX,
        b"t=" + b"9" * 400 + b",v1=" + HEX,
        "t=١٧٠٠٠٠٠٠٠٠,v1=é".encode(),
        "t=1700000000,v1=é".encode("latin-1"),
        RIGHT + b",v1=00" * 10_000,
        b"v1=00," * 10_000 + RIGHT,
        b"t=%d" % NOW + b",v1=0" * 17 + b",v1=" + HEX,
        b"=" * MAX_HEADER_BYTES,
        sign(BODY + b" ", SECRET, NOW),
        sign(BODY, b"", NOW),
    ],
)
def test_wrong_signatures_are_refused(header):
    assert refusal(header, BODY, [SECRET, OLD], NOW)


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_no_bytes_raise(header, body):
    assert refusal(header, body, [SECRET], NOW)
    assert refusal(b"t=%d,v1=" % NOW + header, body, [SECRET], NOW)


def test_secrets_are_separated_by_commas_or_blanks():
    assert secrets_of("one, two  three,\n") == [b"one", b"two", b"three"]
    assert secrets_of("") == []

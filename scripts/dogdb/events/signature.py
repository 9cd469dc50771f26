"""Stripe's signatures of webhooks, verified. Pure; never raises on any header.

The scheme is Stripe's (https://docs.stripe.com/webhooks#verify-manually): the header
`Stripe-Signature: t=SECONDS,v1=HEX[,v1=HEX…]` carries an HMAC-SHA256, keyed by the endpoint's
secret, of `SECONDS.BODY`. While a secret is rolled there are several secrets and signatures.
"""

import hmac
from collections.abc import Sequence

TOLERANCE_SECONDS = 300
"""How far a signature's time may be from ours, in either direction."""

MAX_HEADER_BYTES = 4_096
MAX_SIGNATURES = 16
"""What is looked at of a header: Stripe sends one signature a secret, of 69 bytes each."""


def refusal(header: bytes, body: bytes, secrets: Sequence[bytes], now: float) -> str | None:
    """Tell why a body can't be taken as Stripe's.

    Args:
        header: the value of `Stripe-Signature`, as it came; empty where there was none.
        body: the exact bytes of the request.
        secrets: the secrets of the endpoint, each as Stripe shows it (`whsec_…`).
        now: seconds since 1970.

    Returns:
        None where a signature is right, else the reason, which holds nothing of the request.
    """
    if not header:
        return "no signature"
    if len(header) > MAX_HEADER_BYTES:
        return "signature header too long"
    times, signatures = [], []
    for part in header.split(b","):
        key, _, value = part.strip().partition(b"=")
        if key == b"t":
            times.append(value)
        elif key == b"v1":
            signatures.append(value.lower())
    if len(times) != 1 or not times[0].isdigit() or len(times[0]) > 12:
        return "no single timestamp"
    if not signatures:
        return "no v1 signature"
    if len(signatures) > MAX_SIGNATURES:
        return "too many signatures"
    if abs(int(now) - int(times[0])) > TOLERANCE_SECONDS:
        return "timestamp outside the tolerance"
    signed = b"%b.%b" % (times[0], body)
    for secret in secrets:
        expected = hmac.digest(secret, signed, "sha256").hex().encode()
        if any(hmac.compare_digest(expected, signature) for signature in signatures):
            return None
    return "no signature matches"


def sign(body: bytes, secret: bytes, now: int) -> bytes:
    """Return the header that Stripe would send with a body at a time (seconds since 1970)."""
    digest = hmac.digest(secret, b"%d.%b" % (now, body), "sha256").hex()
    return b"t=%d,v1=%b" % (now, digest.encode())


def secrets_of(text: str) -> list[bytes]:
    """Return the secrets in a setting, separated by commas or blanks."""
    return [secret.encode() for secret in text.replace(",", " ").split()]

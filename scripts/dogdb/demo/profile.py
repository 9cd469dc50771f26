"""Who signs up: what is decided about an account before its life begins."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from dogdb.demo.arithmetic import DAY, base62
from dogdb.demo.company import Company

HOUR = 3600
MONTH = 30 * DAY
BEGINS_AFTER = 60
"""Seconds from signing up to the first subscription."""
CURRENCIES = (("usd", 62), ("eur", 18), ("gbp", 8), ("jpy", 8), ("kwd", 4))
OFFERS = (
    ("medium_month", 34),
    ("enterprise_month", 12),
    ("medium_year", 9),
    ("enterprise_year", 5),
    ("seat_month", 14),
    ("seat_year", 4),
    ("seat_decimal", 3),
    ("seat_graduated", 5),
    ("seat_volume", 5),
    ("storage_package", 3),
    ("storage_package_down", 1),
    ("medium_quarter", 2),
    ("medium_week", 1),
    ("medium_two_weeks", 1),
    ("medium_day", 0.3),
    ("enterprise_two_years", 0.7),
    ("usage", 1),
)
"""What is subscribed to, with weights."""
BREEDS = ("akita", "beagle", "boxer", "collie", "corgi", "husky", "poodle", "pug", "whippet")
TRADES = ("bakery", "cargo", "clinic", "farm", "games", "labs", "music", "school", "studio")


def token_of(company: Company, number: int) -> str:
    """Return what makes an account's ids its own: twelve digits and letters."""
    digest = hashlib.sha256(f"dogdb {company.seed} {number}".encode()).digest()
    return base62(int.from_bytes(digest[:9])).rjust(13, "0")[-12:]


def random_of(company: Company, number: int, purpose: str) -> Random:
    """Return a generator that belongs to one account and one purpose."""
    return Random(f"{company.seed}/{number}/{purpose}")  # noqa: S311 - a simulation, no secret


@dataclass(frozen=True, slots=True)
class Profile:
    """What is decided about an account when it signs up."""

    number: int
    account_id: str
    email: str
    name: str
    signed_up_at: int
    currency: str
    offer: str
    seats: int
    is_free: bool
    is_known_to_stripe: bool
    has_metadata: bool
    is_in_application: bool
    by_invoice: bool
    trial_days: int
    tax_percent: int


def pick(rng: Random, weighted: Sequence[tuple[str, float]]) -> str:
    """Return a name, drawn by weight."""
    return rng.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]


def profile_of(company: Company, number: int) -> Profile:
    """Return an account's profile.

    A tenth of the accounts sign up in the first month; some so that they begin with a month, at its
    first instant.
    """
    rng = random_of(company, number, "profile")
    length = company.ends_at - company.starts_at - 2 * DAY
    first = min(MONTH, length)
    at = company.starts_at + HOUR + rng.randrange(first if rng.random() < 0.1 else length)
    following = next(start for start in company.month_starts if start > at)
    if rng.random() < 0.06 and following < company.ends_at - 2 * DAY:
        at = following - BEGINS_AFTER
    breed, trade = rng.choice(BREEDS), rng.choice(TRADES)
    offer = pick(rng, OFFERS)
    seats = rng.randint(2, 40) if offer.startswith(("seat", "storage")) else 1
    is_free = rng.random() < 0.15
    return Profile(
        number=number,
        account_id=str(1000 + number),
        email=f"{breed}.{number}@{trade}.example",
        name=f"{breed.title()} {trade.title()} {number}",
        signed_up_at=at,
        currency=pick(rng, CURRENCIES),
        offer="free" if is_free else offer,
        seats=1 if is_free else seats,
        is_free=is_free,
        is_known_to_stripe=not is_free or rng.random() < 0.5,
        has_metadata=rng.random() >= 0.02,
        is_in_application=rng.random() >= 0.005,
        by_invoice=offer.startswith("enterprise") and rng.random() < 0.6,
        trial_days=rng.choice((7, 14, 30)) if rng.random() < 0.3 else 0,
        tax_percent=20 if rng.random() < 0.25 else 0,
    )

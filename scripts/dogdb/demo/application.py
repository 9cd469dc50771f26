"""What the application knows of accounts, and marketing of installs: the other raw tables."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from random import Random

from dogdb.demo.arithmetic import DAY
from dogdb.demo.book import Book
from dogdb.demo.company import SCALES, Company
from dogdb.demo.profile import Profile, random_of

Value = str | int | None
Rows = dict[str, list[tuple[Value, ...]]]
"""Rows by table, every value as PostgreSQL reads it."""

MONTH = 30 * DAY
PLANS = ((1, "Free", 0), (2, "Medium", 50), (3, "Enterprise", 500))
REPRESENTATIVES = (
    ("Ada", "Bloodhound"),
    ("Bruno", "Setter"),
    ("Clara", "Mastiff"),
    ("Dario", "Spitz"),
    ("Elsa", "Terrier"),
    ("Finn", "Pointer"),
)
CHANNELS = (
    (1, "organic", "Organic", "Found by themselves"),
    (2, "search_ads", "Paid", "Search advertising"),
    (3, "social_ads", "Paid", "Social advertising"),
    (4, "referral", "Referral", "Sent by a friend"),
    (5, "podcast", "Paid", "Podcasts"),
)
CLIENTS = tuple(
    (number, system, "DogDB Console", version, device)
    for number, (system, version, device) in enumerate(
        [
            ("Android", "3.1.0", "Pixel 7"),
            ("Android", "3.2.1", "Galaxy S23"),
            ("iOS", "3.1.0", "iPhone 14"),
            ("iOS", "3.2.1", "iPad Air"),
            ("web", "3.2.1", "Browser"),
        ],
        start=1,
    )
)
SUPPORT = (("web", "email", "phone", "chat"), ("Tech Support", "Billing", "Account Change"))
COUNTRIES = ("US", "DE", "GB", "JP", "KW", "FR", "IN")


def stamp(at: int) -> str:
    """Return an instant as a timestamp without a zone, in UTC."""
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def _tier(book: Book, at: int | None = None) -> str:
    """Return the highest tier that the account's running subscriptions give it."""
    best = 0
    for it in book.subscriptions.values():
        if it.status in ("active", "past_due", "trialing"):
            product = it.items[0].price.product.removeprefix("prod_Demo")
            best = max(best, {"Free": 0, "Enterprise": 2}.get(product, 1))
    return PLANS[best][1]


def account_rows(company: Company, profile: Profile, book: Book) -> Rows:
    """Return one account's rows of the application's and the installs' tables."""
    rng = random_of(company, profile.number, "application")
    created = profile.signed_up_at - 30
    changed = max([created, *(change.at for change in book.changes)])
    tier = _tier(book) if rng.random() >= 0.03 else rng.choice(PLANS)[1]
    rows: Rows = {
        "customer_accounts": [],
        "customer_interactions": list(_interactions(company, rng, profile, created)),
        "customer_licenses": list(_licences(company, rng, profile, created)),
        "user_first_install_fact": list(_installs(company, rng, profile, created)),
    }
    if profile.is_in_application:
        row = (profile.account_id, profile.email, tier, stamp(created), stamp(changed))
        rows["customer_accounts"].append(row)
    return rows


def _moment(company: Company, rng: Random, since: int) -> int:
    return since + rng.randrange(max(1, company.ends_at - since))


def _interactions(
    company: Company, rng: Random, profile: Profile, since: int
) -> Iterator[tuple[Value, ...]]:
    months = max(1, (company.ends_at - since) // MONTH)
    for _ in range(rng.randrange(1 + months // 2)):
        at = _moment(company, rng, since)
        done = at + rng.randrange(60, 5 * DAY)
        status = rng.choice(("resolved", "resolved", "resolved", "open", "canceled"))
        is_done = status != "open" and done < company.ends_at
        yield (
            profile.account_id,
            rng.choice(SUPPORT[0]),
            rng.choice(SUPPORT[1]),
            rng.choice(REPRESENTATIVES)[0],
            status if is_done else "open",
            stamp(at),
            stamp(done) if is_done else None,
        )


def _licences(
    company: Company, rng: Random, profile: Profile, since: int
) -> Iterator[tuple[Value, ...]]:
    for _ in range(rng.randrange(6)):
        at = _moment(company, rng, since)
        licence = {
            "license_id": f"{rng.getrandbits(160):040x}",
            "role": rng.choice(("developer", "developer", "developer", "analyst", "admin")),
            "status": "active" if rng.random() < 0.85 else "disabled",
        }
        text = json.dumps(licence, separators=(",", ": "))
        if rng.random() < 0.3:
            # As the application writes them when somebody pastes from a letter.
            parts = text.split('"')
            text = "".join(
                part + ("" if n == len(parts) - 1 else "“" if n % 2 == 0 else "”")
                for n, part in enumerate(parts)
            )
        changed = _moment(company, rng, at) if licence["status"] == "disabled" else at
        yield (profile.account_id, text, stamp(at), stamp(changed))


def _installs(
    company: Company, rng: Random, profile: Profile, since: int
) -> Iterator[tuple[Value, ...]]:
    """Return the installs of the account's owner, and of somebody who never signed up."""
    users: list[tuple[str, int]] = []
    if rng.random() < 0.7:
        users.append((profile.account_id, since - rng.randrange(60, 5 * DAY)))
    for _ in range(rng.randrange(3)):
        visitor = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        users.append((visitor, _moment(company, rng, company.starts_at)))
    for user, at in users:
        channel = rng.choice(CHANNELS)
        is_paid = channel[2] == "Paid"
        campaign = f"{channel[1]}-{rng.randint(1, 4)}" if is_paid else None
        yield (
            user,
            str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            stamp(at),
            int(stamp(at)[:10].replace("-", "")),
            rng.choice(CLIENTS)[0],
            channel[0],
            rng.choice(COUNTRIES),
            channel[1] if is_paid else None,
            campaign,
            f"{campaign}-group" if campaign else None,
            f"{campaign}-banner" if campaign else None,
            campaign,
            f"{campaign}-g" if campaign else None,
            f"{campaign}-b" if campaign else None,
            f"203.0.113.{rng.randrange(256)}",
        )


def company_rows(company: Company) -> Rows:
    """Return the rows that belong to no account: plans, people, channels, spending, rates."""
    rng = random_of(company, 0, "application")
    first = stamp(company.starts_at)[:10]
    months = [stamp(at)[:10] for at in company.month_starts[:-1]]
    spend, rates = [], []
    for month in months:
        for channel in CHANNELS:
            if channel[2] == "Paid":
                amount = f"{rng.randrange(200, 900)}.{rng.randrange(100):02d}"
                spend.append((f"{month[:8]}{rng.randint(1, 28):02d}", channel[0], amount, "usd"))
    for number, month in enumerate(months):
        for currency, (over, under) in SCALES.items():
            digits = {"jpy": 0, "kwd": 3}.get(currency, 2)
            # Around the price list's own rate; each eleventh month nobody wrote the pound's down.
            if currency == "gbp" and number % 11 == 7:
                continue
            wobble = 1000 if currency == "usd" else rng.randrange(950, 1051)
            millionths = under * 10**digits * wobble * 10 // over
            rates.append((month, currency, f"{millionths // 10**6}.{millionths % 10**6:06d}"))
    return {
        "service_representatives": [
            (number, f"{name.lower()}@dogdb.example", name, family, first, None)
            for number, (name, family) in enumerate(REPRESENTATIVES, start=1)
        ],
        "customer_pricing_plans": [(*plan, first, first) for plan in PLANS],
        "client_dim": [tuple(client) for client in CLIENTS],
        "channel_dim": [tuple(channel) for channel in CHANNELS],
        "ad_spend": spend,
        "fx_rates": rates,
    }

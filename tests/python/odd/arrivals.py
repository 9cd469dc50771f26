"""What the way from Stripe to the warehouse does to events."""

import copy
import random

Event = dict


def arrivals_of(events: list[Event], seed: int) -> tuple[list[Event], set[str]]:
    """All deliveries in order of arrival, and the ids that come again with another content.

    Events are repeated and shuffled; some come of test mode, some nobody knows. What is false
    comes after what is true.
    """
    rng = random.Random(f"{seed} arrivals")
    arrivals: list[tuple[float, Event]] = []
    forged = set()
    first, last = min(e["created"] for e in events), max(e["created"] for e in events)
    for event in events:
        times = [rng.random() for _ in range(rng.choices((1, 2, 3, 4, 5), (8, 3, 2, 1, 1))[0])]
        # Sent again, its members may come in another order.
        again = dict(reversed(event.items()))
        arrivals += [(time, again if rng.random() < 0.1 else event) for time in times]
        if rng.random() < 0.03:
            arrivals.append((rng.uniform(min(times), 1), _forged(event, rng)))
            forged.add(event["id"])
        if rng.random() < 0.05:
            arrivals.append((rng.random(), _in_test_mode(event, rng, last)))
        if rng.random() < 0.03:
            arrivals.append((rng.random(), _unknown(rng, rng.randint(first, last))))
    arrivals.sort(key=lambda arrival: arrival[0])
    return [event for _, event in arrivals], forged


def _forged(event: Event, rng: random.Random) -> Event:
    """The same id with another content."""
    forged = copy.deepcopy(event)
    shown = forged["data"]["object"]
    for name in ("amount", "amount_refunded", "total", "amount_due"):
        if name in shown:
            shown[name] = (shown[name] or 0) + 777
    status = rng.choice(("active", "canceled", "succeeded", "lost", "paid", "void", "failed"))
    shown |= {"status": status, "quantity": 1000, "metadata": {"account_id": "4000000"}}
    shown["forged"] = True
    for item in shown.get("items", {}).get("data", []):
        item["quantity"] = 1000
    return forged


def _in_test_mode(event: Event, rng: random.Random, last: int) -> Event:
    """An event of test mode, about the same object or a like one."""
    copied = copy.deepcopy(event)
    copied |= {"id": f"evt_{rng.getrandbits(64):016x}", "livemode": False}
    copied["created"] = min(last, copied["created"] + rng.randrange(100))
    shown = copied["data"]["object"]
    shown["livemode"] = False
    if rng.random() < 0.7 and "id" in shown:
        shown["id"] += "test"
    for item in shown.get("items", {}).get("data", []):
        item["quantity"] = 77
    return copied


UNKNOWN = {
    "radar.early_fraud_warning.created": {"object": {"id": "issfr_1", "object": "x"}},
    "customer.subscription.of_another_kind": {"object": {"object": "subscription_like"}},
    "v2.core.event": {"related": [1, None]},
    "tax_rate.updated": {
        "object": {"id": "txr_1", "object": "tax_rate", "amount": 7},
        "previous_attributes": {"active": True},
    },
    "checkout.session.completed": {
        "object": {"id": "cs_1", "object": "checkout.session", "subscription": "sub_none"}
    },
}


def _unknown(rng: random.Random, at: int) -> Event:
    """An event that nobody reads."""
    kind = rng.choice(list(UNKNOWN))
    return {
        "id": f"evt_{rng.getrandbits(64):016x}",
        "object": "event",
        "type": kind,
        "created": at,
        "livemode": True,
        "api_version": rng.choice((None, "2031-01-01.elk", "2019-02-19")),
        "data": UNKNOWN[kind],
    }

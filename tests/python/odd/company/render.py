"""What happened in a world, as Stripe events in the shapes of seven API versions."""

import random
from collections import defaultdict
from fractions import Fraction

from odd.company.things import (
    Change,
    Coupon,
    Customer,
    Discount,
    Item,
    Price,
    Subscription,
    TaxRate,
)
from odd.company.world import World

Json = dict
VERSIONS = [
    "2015-10-16",
    "2018-02-28",
    "2020-03-02",
    "2022-11-15",
    "2024-04-10",
    "2025-03-31.basil",
    "2026-03-25.dahlia",
]
OLDEST, ITEMS, PRICES, LATE_DISCOUNT, DISCOUNTS, BASIL, DAHLIA = range(7)


def decimal_text(value: Fraction) -> str:
    """Write a decimal as Stripe does."""
    text = f"{value.numerator * 10**12 // value.denominator:013d}"
    whole, digits = text[:-12], text[-12:].rstrip("0")
    return f"{whole}.{digits}" if digits else whole


def amount_pair(name: str, value: Fraction) -> Json:
    """Write an amount and, beside it, the decimal one."""
    whole = int(value) if value.denominator == 1 else None
    return {name: whole, f"{name}_decimal": decimal_text(value)}


def json_number(value: Fraction) -> int | float:
    """Write a number, as an integer where it is one."""
    return int(value) if value.denominator == 1 else float(value)


class Renderer:
    """Turns changes into events."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.rng = random.Random(f"{seed} render")
        self.paths: dict[str, list[tuple[float, int]]] = {}
        self.needs: dict[tuple[str, int], int] = defaultdict(int)
        self.habits: dict[str, Json] = {}
        self.without_id: set[str] = set()

    def run(self) -> list[Json]:
        """Give all events, in the order in which they happened."""
        changes = self.world.changes
        for change in changes:
            if isinstance(change.after, Subscription):
                key = change.after.id, change.at
                for state in (change.before, change.after):
                    if isinstance(state, Subscription):
                        self.needs[key] = max(self.needs[key], self._least(state))
        for change in changes:
            if isinstance(change.after, Discount) and change.type.endswith("created"):
                version = self._version(self._owner(change.after), change.at)
                if version < PRICES:
                    self.without_id.add(change.after.id)
        return [self._event(change) for change in changes]

    # Which version

    def _owner(self, discount: Discount) -> str:
        return discount.subscription or discount.customer

    def _least(self, state: Subscription) -> int:
        """Give the oldest version that can show a state."""
        least = OLDEST
        for item in state.items:
            price = item.price
            if price.tiers or price.transform or price.is_metered or len(state.items) > 1:
                least = max(least, ITEMS)
            amounts = [price.unit, *(t.unit for t in price.tiers)]
            if any(amount.denominator != 1 for amount in amounts):
                least = max(least, PRICES)
            if item.taxes or state.taxes:
                least = max(least, PRICES)
            if item.discounts:
                least = max(least, DISCOUNTS)
        return max(least, DISCOUNTS) if len(state.discounts) > 1 else least

    def _version(self, owner: str, at: int) -> int:
        """Give the version in which an object's events of a second are told."""
        if owner not in self.paths:
            count = self.rng.randrange(1, 4)
            versions = [self.rng.randrange(len(VERSIONS)) for _ in range(count)]
            if self.rng.random() < 0.85:
                versions.sort()
            switches = sorted(self.rng.uniform(0, 1) for _ in range(count - 1))
            span = self.world.stop - self.world.start
            starts = [0.0, *(self.world.start + span * part for part in switches)]
            self.paths[owner] = list(zip(starts, versions, strict=True))
        version = [v for since, v in self.paths[owner] if since <= at][-1]
        return max(version, self.needs[owner, at])

    def _habit(self, owner: str) -> Json:
        """Give the habits of an object's owner, that stay."""
        if owner not in self.habits:
            rng = self.rng
            self.habits[owner] = {
                "expand": rng.random() < 0.35,
                "expand_coupon": rng.random() < 0.5,
                "plan_beside_price": rng.random() < 0.6,
                "hide_tiers": rng.random() < 0.25,
                "item_names_subscription": rng.random() < 0.5,
                "whole_top": rng.random() < 0.5,
            }
        return self.habits[owner]

    # Objects

    def _event(self, change: Change) -> Json:
        after = change.after
        previous: Json | None = None
        kind = change.type
        if isinstance(after, Subscription):
            version = self._version(after.id, change.at)
            body = self._subscription(after, version)
            if kind.endswith("updated") and isinstance(change.before, Subscription):
                previous = self._differences(self._subscription(change.before, version), body)
        elif isinstance(after, Customer):
            version = self._version(after.id, change.at)
            body = self._customer(after, version)
            if kind.endswith("updated") and isinstance(change.before, Customer):
                previous = self._differences(self._customer(change.before, version), body)
        elif isinstance(after, Discount):
            owner = self._owner(after)
            version = self._version(owner, change.at)
            body = self._discount(after, version, self._habit(owner)["expand_coupon"])
        elif isinstance(after, Coupon):
            version = self.rng.randrange(len(VERSIONS))
            body = self._coupon(after)
        else:
            is_plan = self.rng.random() < 0.4
            version = ITEMS if is_plan else DAHLIA
            kind = "plan.created" if is_plan else kind
            body = self._plan(after, PRICES) if is_plan else self._price(after)
        data: Json = {"object": body}
        if previous is not None:
            data["previous_attributes"] = previous
        return {
            "id": f"evt_{self.rng.getrandbits(64):016x}",
            "object": "event",
            "type": kind,
            "created": change.at,
            "livemode": True,
            "api_version": VERSIONS[version],
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "data": data,
        }

    @staticmethod
    def _differences(before: Json, after: Json) -> Json:
        """Give the earlier values of what changed; of metadata only its keys that did."""
        found: Json = {}
        for key in before.keys() | after.keys():
            old, new = before.get(key), after.get(key)
            if old == new:
                continue
            if key == "metadata":
                found[key] = {
                    k: old.get(k) for k in old.keys() | new.keys() if old.get(k) != new.get(k)
                }
            elif key == "items":
                found[key] = {"data": old["data"]}
            else:
                found[key] = old
        return found

    def _customer(self, state: Customer, version: int) -> Json:
        metadata: Json = {} if state.account_id is None else {"account_id": state.account_id}
        if state.note:
            metadata["note"] = state.note
        habit = self._habit(state.id)
        discount = state.discount and self._discount(
            state.discount, version, habit["expand_coupon"]
        )
        body: Json = {
            "id": state.id,
            "object": "customer",
            "created": state.created,
            "currency": None,
            "email": state.email,
            "livemode": True,
            "metadata": metadata,
            "discount": discount,
        }
        if version == OLDEST:
            body["account_balance"] = 0
            body["subscriptions"] = {"object": "list", "data": [], "has_more": False}
        return body

    def _subscription(self, state: Subscription, version: int) -> Json:
        habit = self._habit(state.id)
        start, end = state.period
        body: Json = {
            "id": state.id,
            "object": "subscription",
            "customer": state.customer,
            "created": state.created,
            "livemode": True,
            "status": state.status,
            "cancel_at_period_end": state.is_ending,
            "canceled_at": state.ended_at,
            "ended_at": state.ended_at,
            "metadata": {"note": state.note} if state.note else {},
            "trial_start": None,
            "trial_end": None,
        }
        if version >= PRICES:
            paused = {"behavior": "void", "resumes_at": None}
            body["pause_collection"] = paused if state.is_collection_paused else None
            body["default_tax_rates"] = self._tax_rates(state.taxes)
        if version <= DISCOUNTS:
            body |= {"current_period_start": start, "current_period_end": end}
        if version <= PRICES or (version == LATE_DISCOUNT and habit["whole_top"]):
            only = state.items[0] if len(state.items) == 1 else None
            body["plan"] = self._plan(only.price, version) if only else None
            if only is None or not only.price.is_metered:
                body["quantity"] = only.quantity if only else None
        if version > OLDEST:
            body["items"] = {
                "object": "list",
                "data": [self._item(state, item, version) for item in state.items],
                "has_more": False,
                "url": f"/v1/subscription_items?subscription={state.id}",
            }
        if version >= LATE_DISCOUNT:
            body["currency"] = state.currency
        if version <= DISCOUNTS:
            first = next(iter(state.discounts), None)
            body["discount"] = first and self._discount(first, version, True)
        if version >= DISCOUNTS:
            body["discounts"] = [self._listed(d, version, habit) for d in state.discounts]
        return body

    def _listed(self, discount: Discount, version: int, habit: Json) -> Json | str:
        if habit["expand"] or discount.id in self.without_id:
            whole = discount.id in self.without_id or habit["expand_coupon"]
            return self._discount(discount, version, whole)
        return discount.id

    def _item(self, state: Subscription, item: Item, version: int) -> Json:
        habit = self._habit(state.id)
        body: Json = {
            "id": item.id,
            "object": "subscription_item",
            "created": state.created,
            "metadata": {},
            "subscription": state.id,
        }
        if not item.price.is_metered:
            body["quantity"] = item.quantity
        if version >= PRICES:
            price = self._price(item.price)
            if habit["hide_tiers"]:
                price.pop("tiers", None)
            body["price"] = price
            body["tax_rates"] = self._tax_rates(item.taxes)
        if version <= PRICES or habit["plan_beside_price"]:
            body["plan"] = self._plan(item.price, version)
            if habit["hide_tiers"] and version >= PRICES:
                body["plan"].pop("tiers", None)
        if version >= DISCOUNTS:
            body["discounts"] = [self._listed(d, version, habit) for d in item.discounts]
        if version >= BASIL:
            start, end = state.period
            body |= {"current_period_start": start, "current_period_end": end}
        return body

    @staticmethod
    def _tax_rates(taxes: tuple[TaxRate, ...]) -> list[Json]:
        return [
            {
                "id": f"txr_{number}",
                "object": "tax_rate",
                "inclusive": tax.is_inclusive,
                "percentage": float(tax.percent),
            }
            for number, tax in enumerate(taxes)
        ]

    @staticmethod
    def _tiers(price: Price) -> list[Json]:
        found = []
        for tier in price.tiers:
            flat = amount_pair("flat_amount", tier.flat)
            if not tier.flat:
                flat = {"flat_amount": None, "flat_amount_decimal": None}
            found.append({**flat, **amount_pair("unit_amount", tier.unit), "up_to": tier.up_to})
        return found

    def _price(self, price: Price) -> Json:
        body: Json = {
            "id": price.id,
            "object": "price",
            "active": True,
            "billing_scheme": "tiered" if price.tiers else "per_unit",
            "currency": price.currency,
            "livemode": True,
            "metadata": {},
            "nickname": None,
            "product": f"prod_{price.id}",
            "recurring": {
                "interval": price.interval,
                "interval_count": price.count,
                "usage_type": "metered" if price.is_metered else "licensed",
            },
            "tiers_mode": price.tiers_mode,
            "transform_quantity": self._transform(price),
            "type": "recurring",
        }
        if price.tiers:
            body |= {"unit_amount": None, "unit_amount_decimal": None}
            body["tiers"] = self._tiers(price)
        else:
            body |= amount_pair("unit_amount", price.unit)
        return body

    @staticmethod
    def _transform(price: Price) -> Json | None:
        if not price.transform:
            return None
        return {"divide_by": price.transform[0], "round": price.transform[1]}

    def _plan(self, price: Price, version: int) -> Json:
        body: Json = {
            "id": price.id,
            "object": "plan",
            "currency": price.currency,
            "interval": price.interval,
            "interval_count": price.count,
            "livemode": True,
            "metadata": {},
            "trial_period_days": None,
            "amount": None,
        }
        if not price.tiers and price.unit.denominator == 1:
            body["amount"] = int(price.unit)
        if version == OLDEST:
            return {**body, "name": price.id, "statement_descriptor": None}
        body |= {
            "active": True,
            "billing_scheme": "tiered" if price.tiers else "per_unit",
            "nickname": None,
            "product": f"prod_{price.id}",
            "tiers": self._tiers(price) if price.tiers else None,
            "tiers_mode": price.tiers_mode,
            "transform_usage": self._transform(price),
            "usage_type": "metered" if price.is_metered else "licensed",
        }
        if version >= PRICES:
            body["amount_decimal"] = None if price.tiers else decimal_text(price.unit)
        return body

    def _discount(self, discount: Discount, version: int, is_whole: bool) -> Json:
        coupon = self._coupon(discount.coupon)
        body: Json = {
            "object": "discount",
            "customer": discount.customer,
            "start": discount.start,
            "end": discount.end,
            "subscription": discount.subscription,
        }
        if version >= PRICES:
            body |= {"id": discount.id, "invoice": None, "invoice_item": None}
        if version >= DISCOUNTS:
            body["subscription_item"] = discount.item
            habit = self._habit(self._owner(discount))
            if discount.item and not habit["item_names_subscription"]:
                body["subscription"] = None
        if version >= DAHLIA:
            body["source"] = {"type": "coupon", "coupon": coupon if is_whole else coupon["id"]}
        else:
            body["coupon"] = coupon
        return body

    @staticmethod
    def _coupon(coupon: Coupon) -> Json:
        percent = coupon.percent
        return {
            "id": coupon.id,
            "object": "coupon",
            "amount_off": coupon.amount,
            "currency": coupon.currency,
            "duration": coupon.duration,
            "duration_in_months": coupon.months,
            "livemode": True,
            "percent_off": None if percent is None else json_number(percent),
            "metadata": {},
            "valid": True,
        }

"""What happens in an odd company. Nothing here says what is true of its MRR."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date
from fractions import Fraction

from odd.calendar import DAY, add_months, instant, month_of, months_between, shift
from odd.company.things import (
    Change,
    Coupon,
    Customer,
    Discount,
    Item,
    Price,
    Subscription,
    TaxRate,
    Thing,
    Tier,
)
from odd.money import DIGITS, make_rates

FIRST_MONTH = date(2023, 10, 1)
CURRENCIES = ("usd", "eur", "gbp", "jpy", "krw", "kwd", "bhd")
INTERVALS = [("day", 1), ("week", 1), ("month", 1), ("year", 1)] + [
    (unit, count) for unit in ("day", "week", "month", "year") for count in (2, 3, 6)
]
COUPONS = 60
CHANGES = 24
"""Fewer than so many happen to a subscription."""

TIES = 0.2
"""How often two changes of a subscription share a second."""

WAYS = {"quantity": 5, "price": 3, "interval": 2, "equal": 2, "add": 2, "remove": 2}
WAYS |= {"discount": 4, "drop": 2, "swap": 1, "item_discount": 2}
WAYS |= {"pause": 1, "ending": 1, "note": 1, "renew": 3, "tax": 2}
"""What may change of a subscription that counts, and how often."""

Account = int | str
"""A number, or the id of a customer that is an account of its own."""


def _period(at: int, price: Price) -> tuple[int, int]:
    """A period that begins at an instant."""
    days = {"day": 1, "week": 7, "month": 30, "year": 365}[price.interval]
    return at, at + days * price.count * DAY


class World:
    """A company, simulated: the states of its customers and subscriptions, and who they are."""

    def __init__(self, seed: int, accounts: int, months: int) -> None:
        self.rng = random.Random(seed)
        self.start = instant(FIRST_MONTH)
        self.stop = instant(shift(FIRST_MONTH, months - 1)) + 17 * DAY + 12_345
        self.rates = make_rates(seed, months_between(FIRST_MONTH, month_of(self.stop)))
        self.accounts: list[tuple[int, str]] = []
        self.account_of: dict[str, Account] = {}
        self.subscriptions: dict[str, list[tuple[int, Subscription]]] = defaultdict(list)
        self.customers: dict[str, list[tuple[int, Customer]]] = defaultdict(list)
        self.untold_customers: set[str] = set()
        self.changes: list[Change] = []
        self.prices: dict[tuple[str, str, int], list[Price]] = defaultdict(list)
        self.coupons: list[Coupon] = []
        self.serial = 0
        self._make_catalog()
        for number in range(1, accounts + 1):
            self._make_account(number)

    # What is sold

    def _id(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}_{self.rng.getrandbits(40):010x}{self.serial}"

    def _make_catalog(self) -> None:
        rng = self.rng
        for currency in CURRENCIES:
            scale = 10 ** DIGITS[currency]
            for interval, count in INTERVALS:
                for kind in (
                    "unit",
                    "unit",
                    rng.choice(("decimal", "free", "metered")),
                    rng.choice(("graduated", "volume")),
                    "transform",
                ):
                    # Some cost the same a month, whatever the interval: 12 x 365 x 52 x 3 divides.
                    whole = rng.choice((5, 10, 37, 99, 120, 520)) * scale
                    price = Price(self._id("price"), currency, interval, count, Fraction(whole))
                    if kind == "unit" and rng.random() < 0.3:
                        price = replace(price, unit=Fraction(60 * scale) / price.per_month)
                        if price.unit.denominator != 1:
                            price = replace(price, unit=Fraction(whole + 1))
                    elif kind == "decimal":
                        price = replace(price, unit=Fraction(rng.randrange(1, 10**7), 10**4))
                    elif kind == "free":
                        price = replace(price, unit=Fraction(0))
                    elif kind == "metered":
                        price = replace(price, is_metered=True)
                    elif kind == "transform":
                        how = (rng.choice((2, 5, 10)), rng.choice(("up", "down")))
                        price = replace(price, transform=how)
                    elif kind != "unit":
                        price = replace(
                            price, unit=Fraction(0), tiers_mode=kind, tiers=self._make_tiers(whole)
                        )
                    self.prices[currency, interval, count].append(price)
                    self._tell(self.start + rng.randrange(DAY), "price.created", None, price)
        for _ in range(COUPONS):
            self._make_coupon()

    def _make_tiers(self, whole: int) -> tuple[Tier, ...]:
        rng, tiers, top = self.rng, [], 0
        for _ in range(rng.randrange(1, 4)):
            top += rng.randrange(1, 12)
            unit = Fraction(rng.randrange(0, whole + 1))
            if rng.random() < 0.3:
                unit += Fraction(rng.randrange(1, 1000), 1000)
            tiers.append(Tier(top, unit, Fraction(rng.choice((0, 0, whole, whole // 3)))))
        return (*tiers, Tier(None, Fraction(rng.randrange(0, whole)), Fraction(rng.choice((0, 7)))))

    def _make_coupon(self) -> None:
        rng = self.rng
        duration = rng.choice(("forever", "forever", "repeating", "repeating", "once"))
        months = rng.choice((1, 2, 3, 5, 12)) if duration == "repeating" else None
        percent = amount = currency = None
        if rng.random() < 0.5:
            percent = Fraction(rng.choice((5, 10, 20, 25, 50, 50.5, 12.5, 100)))
        else:
            currency = rng.choice(CURRENCIES)
            amount = rng.choice((1, 3, 7, 20, 1000)) * 10 ** DIGITS[currency]
        coupon = Coupon(self._id("co"), percent, amount, currency, duration, months)
        self.coupons.append(coupon)
        self._tell(self.start + rng.randrange(DAY), "coupon.created", None, coupon)

    # Who buys

    def _time(self, low: int, high: int) -> int:
        """Pick an instant, often at the border of a month."""
        at, kind = self.rng.randrange(low, max(high, low + 1)), self.rng.random()
        border = instant(shift(month_of(at), 1))
        if kind < 0.12:
            at = border
        elif kind < 0.24:
            at = border - 1
        return min(at, self.stop)

    def _make_account(self, number: int) -> None:
        rng = self.rng
        email = f"a{number}@odd.example"
        account: Account = number
        if rng.random() < 0.9:
            self.accounts.append((number, email))
        else:
            account = number + 100_000
        is_known = account == number
        currencies = [rng.choice(CURRENCIES)]
        if rng.random() < 0.25:
            currencies.append(rng.choice(CURRENCIES))
        for _ in range(2 if rng.random() < 0.15 else 1):
            customer_id, created = self._id("cus"), self._time(self.start, self.stop - 20 * DAY)
            links = ["text", "email" if is_known else "text", "late"]
            link = rng.choices([*links, "none", "untold"], [8, 2, 1, 1, 0.5])[0]
            metadata = str(account) if link == "text" else None
            address = email if link == "email" else None if rng.random() < 0.5 else "x@no.example"
            customer = Customer(customer_id, created, address, metadata)
            linked = link not in ("none", "untold")
            self.account_of[customer_id] = account if linked else customer_id
            if link == "untold":
                self.untold_customers.add(customer_id)
            end = self._time(created, self.stop) if rng.random() < 0.05 else None
            self._run_customer(customer, end, str(account) if link == "late" else None)
            for _ in range(rng.choices((1, 2, 3), (6, 3, 1))[0]):
                begin = self._time(created, min(created + 200 * DAY, end or self.stop))
                begin = max(created, begin)
                if end is None or begin < end:
                    self._run_subscription(customer_id, rng.choice(currencies), begin, end)

    def _run_customer(self, customer: Customer, end: int | None, late: str | None) -> None:
        rng, at = self.rng, customer.created
        self._tell_customer(at, customer, None)
        is_told = customer.id not in self.untold_customers
        for _ in range(rng.choice((0, 0, 1, 2, 4)) if is_told else 0):
            at = self._time(at, at + 150 * DAY) if rng.random() >= TIES else at
            at = max(at, customer.created)
            if at >= (end or self.stop):
                break
            before = customer
            if customer.discount is None or rng.random() < 0.4:
                customer = self._drop_discount(customer, at)
                discount = self._give(at, customer.id)
                self._tell(at, "customer.discount.created", None, discount)
                customer = replace(customer, discount=discount)
            elif rng.random() < 0.7:
                customer = self._drop_discount(customer, at)
            else:
                customer = replace(customer, note=self._id("n"))
            self._tell_customer(at, customer, before)
        if late:
            # The link is known late, and holds for all the time before.
            before, at = customer, min((end or self.stop) - 1, at + 3)
            at = max(at, self.customers[customer.id][-1][0])
            customer = replace(customer, account_id=late)
            self._tell_customer(at, customer, before)
        if end is not None:
            end = max(end, self.customers[customer.id][-1][0])
            self._tell_customer(end, replace(customer, is_deleted=True), customer)

    def _drop_discount(self, customer: Customer, at: int) -> Customer:
        if customer.discount:
            self._tell(at, "customer.discount.deleted", None, customer.discount)
        return replace(customer, discount=None)

    def _give(
        self,
        at: int,
        customer: str,
        subscription: str | None = None,
        item: str | None = None,
        currency: str | None = None,
    ) -> Discount:
        """Give a discount, of which an amount is seldom in another currency."""
        rng = self.rng
        fits = [c for c in self.coupons if currency is None or c.currency in (None, currency)]
        coupon = rng.choice(fits or self.coupons)
        end = add_months(at, coupon.months) if coupon.months else None
        return Discount(self._id("di"), coupon, at, end, customer, subscription, item)

    # What they buy

    def _item(self, currency: str, interval: str, count: int) -> Item:
        price = self.rng.choice(self.prices[currency, interval, count])
        low = 1 if price.tiers else 0 if self.rng.random() < 0.03 else 1
        return Item(self._id("si"), price, self.rng.randrange(low, 25))

    def _run_subscription(self, customer: str, currency: str, at: int, end: int | None) -> None:
        rng = self.rng
        interval, count = rng.choice(INTERVALS[:4] if rng.random() < 0.5 else INTERVALS)
        items = tuple(
            self._item(currency, interval, count)
            for _ in range(rng.choices((1, 2, 3), (6, 2, 1))[0])
        )
        status = rng.choices(("active", "trialing", "incomplete"), (5, 2, 2))[0]
        period = _period(at, items[0].price)
        state = Subscription(self._id("sub"), customer, at, status, items, period=period)
        if rng.random() < 0.2:
            state = self._add_discount(state, at)
        self._tell_subscription(at, state, None)
        for _ in range(rng.randrange(CHANGES)):
            if rng.random() > TIES:
                at = max(at, self._time(at, at + rng.choice((3, 30, 60, 90)) * DAY))
            if at >= (end or self.stop):
                break
            before, state = state, self._change(state, at)
            if state != before:
                self._tell_subscription(at, state, before)
            if state.ended_at is not None:
                if rng.random() < 0.1:
                    later = replace(state, note=self._id("n"))
                    self._tell_subscription(min(at + 9999, self.stop), later, state)
                return
        if end is not None:
            ended = replace(state, status="canceled", ended_at=end)
            self._tell_subscription(end, ended, state, is_deletion=True)

    def _change(self, state: Subscription, at: int) -> Subscription:
        """Let something happen to a subscription."""
        rng, status = self.rng, state.status
        ways = {
            "incomplete": [("active", 4), ("incomplete_expired", 2)],
            "trialing": [("active", 4), ("paused", 1), ("past_due", 1), ("canceled", 1), ("", 2)],
            "active": [("past_due", 2), ("canceled", 1), ("paused", 0.4), ("", 14)],
            "past_due": [("active", 4), ("unpaid", 2), ("canceled", 1), ("", 1)],
            "unpaid": [("active", 3), ("canceled", 1)],
            "paused": [("active", 3), ("canceled", 1), ("", 1)],
        }[status]
        to = rng.choices([way for way, _ in ways], [weight for _, weight in ways])[0]
        if to in ("canceled", "incomplete_expired"):
            return replace(state, status=to, ended_at=at)
        if to:
            return replace(state, status=to)
        return self._alter(state, at)

    def _alter(self, state: Subscription, at: int) -> Subscription:
        """Change what is sold, not whether it counts."""
        rng, items = self.rng, state.items
        first = items[0].price
        what = rng.choices(list(WAYS), list(WAYS.values()))[0]
        pick = rng.randrange(len(items))
        if what == "quantity":
            return self._set(state, pick, quantity=rng.randrange(1, 30))
        if what == "price":
            fresh = self._item(first.currency, first.interval, first.count)
            quantity = max(1, items[pick].quantity)
            return self._set(state, pick, price=fresh.price, quantity=quantity)
        if what in ("interval", "equal"):
            interval, count = rng.choice(INTERVALS)
            changed = []
            for item in items:
                choices = self.prices[first.currency, interval, count]
                price = rng.choice(choices)
                if what == "equal":
                    old = item.price.invoice_amount(1) * item.price.per_month
                    same = [p for p in choices if p.invoice_amount(1) * p.per_month == old]
                    price = next(iter(same), price)
                changed.append(replace(item, price=price, quantity=max(1, item.quantity)))
            return replace(state, items=tuple(changed), period=_period(at, price))
        if what == "add" and len(items) < 5:
            return replace(
                state, items=(*items, self._item(first.currency, first.interval, first.count))
            )
        if what == "remove" and len(items) > 1:
            return replace(state, items=items[:pick] + items[pick + 1 :])
        if what == "discount":
            return self._add_discount(state, at)
        if what == "drop" and state.discounts:
            gone = rng.choice(state.discounts)
            self._tell(at, "customer.discount.deleted", None, gone)
            left = tuple(d for d in state.discounts if d is not gone)
            return replace(state, discounts=left)
        if what == "swap":
            return replace(state, discounts=state.discounts[::-1])
        if what == "item_discount":
            if items[pick].discounts and rng.random() < 0.6:
                self._tell(at, "customer.discount.deleted", None, items[pick].discounts[0])
                return self._set(state, pick, discounts=items[pick].discounts[1:])
            fresh = self._give(at, state.customer, state.id, items[pick].id, state.currency)
            self._tell(at, "customer.discount.created", None, fresh)
            return self._set(state, pick, discounts=(*items[pick].discounts, fresh))
        if what == "pause":
            return replace(state, is_collection_paused=not state.is_collection_paused)
        if what == "ending":
            return replace(state, is_ending=not state.is_ending)
        if what == "tax":
            taxes = tuple(
                TaxRate(Fraction(rng.choice(("20", "7.7", "2.5"))), rng.random() < 0.7)
                for _ in range(rng.randrange(3))
            )
            if rng.random() < 0.6:
                return replace(state, taxes=taxes)
            return self._set(state, pick, taxes=taxes)
        if what == "renew":
            # What has run out is no longer shown, sometimes.
            left = tuple(d for d in state.discounts if d.end is None or d.end > at)
            kept = state.discounts if rng.random() < 0.5 else left
            return replace(state, period=_period(at, first), discounts=kept)
        return replace(state, note=self._id("n"))

    def _set(self, state: Subscription, pick: int, **what: object) -> Subscription:
        items = list(state.items)
        items[pick] = replace(items[pick], **what)
        return replace(state, items=tuple(items))

    def _add_discount(self, state: Subscription, at: int) -> Subscription:
        currency = state.currency if self.rng.random() < 0.95 else None
        fresh = self._give(at, state.customer, state.id, None, currency)
        self._tell(at, "customer.discount.created", None, fresh)
        kind = self.rng.random()
        if kind < 0.4 or not state.discounts:
            for gone in state.discounts:
                self._tell(at, "customer.discount.deleted", None, gone)
            return replace(state, discounts=(fresh,))
        if kind < 0.7:
            return replace(state, discounts=(fresh, *state.discounts))
        return replace(state, discounts=(*state.discounts, fresh))

    # What is told

    def _tell(self, at: int, kind: str, before: Thing | None, after: Thing) -> None:
        self.changes.append(Change(at, kind, before, after))

    def _tell_customer(self, at: int, after: Customer, before: Customer | None) -> None:
        kind = "created" if before is None else "deleted" if after.is_deleted else "updated"
        self.customers[after.id].append((at, after))
        if after.id not in self.untold_customers:
            self._tell(at, f"customer.{kind}", before, after)

    def _tell_subscription(
        self, at: int, after: Subscription, before: Subscription | None, is_deletion: bool = False
    ) -> None:
        self.subscriptions[after.id].append((at, after))
        kind = "created" if before is None else "updated"
        ends = before is not None and before.ended_at is None and after.ended_at is not None
        if is_deletion or (ends and after.status == "canceled" and self.rng.random() < 0.8):
            kind = "deleted"
        self._tell(at, f"customer.subscription.{kind}", before, after)
        for now, extra in (("paused", "paused"), ("trialing", "trial_will_end")):
            if kind == "updated" and after.status == now and self.rng.random() < 0.3:
                self._tell(at, f"customer.subscription.{extra}", after, after)

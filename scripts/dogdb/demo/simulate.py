"""What each account does, month by month, and what is true of it.

Pure: an account's life depends on the company, its number and nothing else. Decisions are drawn
from a generator of its own, in the order of time; the book does what follows from them.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from dogdb.demo.arithmetic import DAY
from dogdb.demo.book import Book
from dogdb.demo.company import Company
from dogdb.demo.objects import Card, Charge, Coupon, Price, Raw, Subscription
from dogdb.demo.profile import (
    BEGINS_AFTER,
    HOUR,
    MONTH,
    OFFERS,
    Profile,
    pick,
    profile_of,
    random_of,
    token_of,
)
from dogdb.demo.shapes.template import BASIL, PAYMENT_METHOD, SINGLE_PRICE

UPWARD = {
    "medium_month": ("enterprise_month", "medium_year", "seat_month"),
    "medium_year": ("enterprise_year", "medium_month"),
    "medium_quarter": ("medium_month",),
    "medium_week": ("medium_month",),
    "enterprise_month": ("enterprise_year", "medium_month"),
    "enterprise_year": ("enterprise_month",),
    "seat_month": ("seat_year", "seat_graduated", "seat_volume"),
    "seat_year": ("seat_month",),
    "seat_graduated": ("seat_month",),
    "seat_volume": ("seat_month",),
}
"""What a price may be changed into; the first one is an upgrade."""

FAILURES = ("card_declined", "insufficient_funds", "expired_card")
BRANDS = (("visa", 60), ("mastercard", 28), ("amex", 7), ("discover", 3), ("jcb", 2))


@dataclass(slots=True)
class Life:
    """An account's life while it is simulated: its book and an agenda of what comes."""

    company: Company
    profile: Profile
    rng: Random
    book: Book
    agenda: list[tuple[int, int, Callable[..., None], tuple]] = field(default_factory=list)
    planned: int = 0

    def plan(self, at: int, action: Callable[..., None], *arguments: object) -> None:
        """Put something on the agenda; nothing happens after the company's end."""
        if at < self.company.ends_at:
            self.planned += 1
            heapq.heappush(self.agenda, (at, self.planned, action, arguments))

    def run(self) -> None:
        """Live: do what is on the agenda in the order of time."""
        while self.agenda:
            at, _, action, arguments = heapq.heappop(self.agenda)
            action(at, *arguments)

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self.rng.random() < probability

    def is_since(self, at: int, version: str) -> bool:
        """Tell whether Stripe can do what came with an API version."""
        return self.company.version_at(at) >= version

    def is_first(self, at: int) -> bool:
        """Tell whether this is a month's first instant."""
        return at in self.company.month_starts

    def price(self, name: str) -> Price:
        """Return a price of the list in the account's currency."""
        return self.company.prices[name, self.profile.currency]

    # Beginning

    def sign_up(self, at: int) -> None:
        """Become a customer at Stripe, and begin the first subscription."""
        customer = self.new_customer(at)
        profile = self.profile
        begins = at + BEGINS_AFTER
        is_first = self.is_first(begins)
        if not profile.is_free and self.chance(0.25 if is_first else 0.08):
            self.plan(begins if is_first else at + 20, self.give_customer_coupon, customer)
        self.plan(begins, self.begin, customer, profile.offer, profile.trial_days)

    def new_customer(self, at: int) -> str:
        """Become one more Stripe customer of the account."""
        it = self.profile
        customer = self.book.add_customer(
            at,
            it.currency,
            it.email if it.has_metadata else f"billing.{it.number}@post.example",
            it.name,
            it.account_id if it.has_metadata else None,
        )
        if not it.is_free:
            self.new_card(at, customer)
        return customer

    def new_card(self, at: int, customer: str) -> None:
        """Put a new card on file."""
        rng = self.rng
        year = 1970 + at // 31556952
        card = Card(
            id=self.book.new_id("card"),
            brand=pick(rng, BRANDS),
            last4=f"{rng.randrange(10000):04d}",
            exp_month=rng.randint(1, 12),
            exp_year=year + rng.randint(1, 4),
            fingerprint=f"fp{rng.randrange(10**12):012d}",
            funding="debit" if rng.random() < 0.3 else "credit",
            wallet=rng.choice((*[None] * 6, "apple_pay", "google_pay")),
        )
        self.book.set_card(at, customer, card)

    def begin(self, at: int, customer: str, offer: str, trial_days: int = 0) -> None:
        """Begin a subscription, with a trial or with its first invoice."""
        wanted: list[tuple[Price, int | None]] = [
            (self.price(offer), None if offer == "usage" else self.profile.seats)
        ]
        if offer.endswith("_month") and self.chance(0.1):
            wanted.append((self.price("usage"), None))
        elif offer == "medium_month" and self.chance(0.1):
            wanted.append((self.price("seat_month"), self.rng.randint(1, 5)))
        is_declined = not trial_days and offer != "free" and self.chance(0.05)
        incomplete = is_declined and self.is_since(at, PAYMENT_METHOD)
        subscription = self.book.subscribe(
            at,
            customer,
            wanted,
            "incomplete" if incomplete else "active",
            self.profile.by_invoice and offer.startswith("enterprise"),
            trial_days,
        )
        if offer != "free":
            # With a month that it begins with, a coupon for some months ends too.
            if self.chance(0.6 if self.is_first(at) else 0.15):
                self.give_coupon(at, subscription, is_new=True)
            self.plan(at + self.rng.randrange(DAY, MONTH), self.decide, subscription)
        if trial_days > 3:
            self.plan(at + (trial_days - 3) * DAY, self.warn_of_trial_end, subscription)
        invoice = self.book.bill(
            at, subscription, "subscription_create", tax_percent=self.profile.tax_percent
        )
        self.plan(at + 3, self.collect, subscription, invoice, is_declined)
        self.plan(self.book.subscriptions[subscription].period_end, self.renew, subscription)

    def warn_of_trial_end(self, at: int, subscription: str) -> None:
        """Tell that a trial ends in three days."""
        it = self.book.subscriptions[subscription]
        if it.status == "trialing":
            self.book.tell(at, "customer.subscription.trial_will_end", it)

    # Renewing

    def renew(self, at: int, subscription: str) -> None:
        """Begin the next period, or end."""
        it = self.book.subscriptions[subscription]
        if it.status in ("canceled", "incomplete_expired", "paused") or it.period_end != at:
            return
        if it.cancel_at_period_end:
            self.end(at, subscription)
            return
        changes: dict[str, object] = {}
        if it.status == "trialing":
            choice = self.rng.random()
            if choice < 0.3:
                self.end(at, subscription)
                return
            if choice < 0.42 and self.is_since(at, SINGLE_PRICE):
                self.book.change(at, subscription, status="paused")
                paused = self.book.subscriptions[subscription]
                self.book.tell(at, "customer.subscription.paused", paused)
                self.plan(at + self.rng.randrange(DAY, 2 * MONTH), self.wake, subscription)
                return
            changes["status"] = "active"
        it = self.book.roll(at, subscription, **changes)
        self.plan(it.period_end, self.renew, subscription)
        usage, tax = self.rng.randrange(5000), self.profile.tax_percent
        invoice = self.book.bill(at, subscription, usage=usage, tax_percent=tax)
        if it.status != "unpaid":  # else the draft stays one
            self.plan(at + HOUR, self.collect, subscription, invoice)

    def wake(self, at: int, subscription: str) -> None:
        """Resume a subscription that paused when its trial ended."""
        it = self.book.subscriptions[subscription]
        if it.status != "paused":
            return
        if self.chance(0.4):
            self.end(at, subscription)
            return
        self.book.change(at, subscription, status="active", anchor=at, period_end=at)
        it = self.book.roll(at, subscription)
        self.book.tell(at, "customer.subscription.resumed", it)
        self.plan(it.period_end, self.renew, subscription)
        invoice = self.book.bill(at, subscription, tax_percent=self.profile.tax_percent)
        self.plan(at + HOUR, self.collect, subscription, invoice)

    def collect(self, at: int, subscription: str, invoice: str, is_declined: bool = False) -> None:
        """Finalize an invoice and collect it as the subscription says."""
        it = self.book.subscriptions[subscription]
        if it.pause_behavior == "keep_as_draft":
            return
        if self.book.finalize(at, invoice).status == "paid":
            return
        if it.pause_behavior == "void":
            self.book.void(at, invoice)
        elif it.pause_behavior == "mark_uncollectible":
            self.book.give_up(at, invoice)
        elif it.by_invoice:
            if self.chance(0.05):
                self.plan(at + 2 * DAY, self.credit_open, invoice)
            self.plan(at + self.rng.randint(3, 25) * DAY, self.settle, subscription, invoice)
        else:
            self.try_card(at, subscription, invoice, 0, 1.0 if is_declined else 0.05)

    def pay(self, at: int, invoice: str, failure: str | None = None) -> Charge:
        """Charge the card on file."""
        return self.book.collect(at, invoice, failure, self.is_since(at, BASIL))

    def try_card(self, at: int, subscription: str, invoice: str, attempt: int, risk: float) -> None:
        """Charge the card; where it is declined, try again some days later, and give up at last."""
        if self.book.invoices[invoice].status != "open":
            return
        it = self.book.subscriptions[subscription]
        if it.status in ("canceled", "incomplete_expired"):
            self.book.void(at, invoice)
            return
        if not self.chance(risk):
            self.pay(at, invoice)
            if it.status in ("past_due", "incomplete", "unpaid"):
                self.book.change(at, subscription, status="active")
            return
        self.pay(at, invoice, self.rng.choice(FAILURES))
        if it.status == "incomplete":
            if attempt == 0:
                self.plan(at + 2 * HOUR, self.try_card, subscription, invoice, 1, 0.6)
            self.plan(at + 23 * HOUR, self.expire, subscription, invoice)
            return
        if attempt < 3:
            if it.status == "active":
                self.book.change(at, subscription, status="past_due")
            if attempt == 1 and self.chance(0.5):
                self.plan(at + DAY, self.new_card, it.customer)
            self.plan(at + 3 * DAY, self.try_card, subscription, invoice, attempt + 1, 0.4)
        elif self.chance(0.5):
            if it.status == "past_due":
                self.book.change(at, subscription, status="unpaid")
                self.plan(at + 40 * DAY, self.try_card, subscription, invoice, 4, 0.5)
        else:
            self.book.give_up(at, invoice)
            self.end(at, subscription)

    def expire(self, at: int, subscription: str, invoice: str) -> None:
        """Let a subscription expire whose first invoice stayed unpaid for a day."""
        if self.book.subscriptions[subscription].status != "incomplete":
            return
        self.book.change(at, subscription, status="incomplete_expired", ended_at=at)
        if self.book.invoices[invoice].status == "open":
            self.book.void(at, invoice)

    def settle(self, at: int, subscription: str, invoice: str) -> None:
        """Pay an invoice that was sent: by transfer, by card, late or never."""
        it = self.book.subscriptions[subscription]
        if self.book.invoices[invoice].status != "open":
            return
        choice = self.rng.random()
        if self.book.invoices[invoice].amount_due == 0:
            return
        if choice < 0.62:
            self.book.pay_out_of_band(at, invoice)
        elif choice < 0.88:
            self.pay(at, invoice)
        elif choice < 0.94:
            if it.status == "active":
                self.book.change(at, subscription, status="past_due")
            self.plan(at + 12 * DAY, self.settle, subscription, invoice)
            return
        elif choice < 0.97:
            self.book.void(at, invoice)
        else:
            self.book.give_up(at, invoice)
        if it.status == "past_due":
            self.book.change(at, subscription, status="active")

    def credit_open(self, at: int, invoice: str) -> None:
        """Take a tenth off an invoice that is still open."""
        it = self.book.invoices[invoice]
        if it.status == "open" and it.amount_due > 20:
            self.book.credit(at, invoice, it.amount_due // 10)

    # Deciding

    def decide(self, at: int, subscription: str) -> None:
        """Once a month, at some moment, perhaps change something."""
        it = self.book.subscriptions[subscription]
        if it.status in ("canceled", "incomplete_expired"):
            return
        self.plan(at + self.rng.randrange(20 * DAY, 40 * DAY), self.decide, subscription)
        if it.status not in ("active", "past_due", "trialing") or at >= it.period_end:
            return
        if it.cancel_at_period_end:
            if self.chance(0.2):
                self.book.change(at, subscription, cancel_at_period_end=False, canceled_at=None)
            return
        draw = self.rng.random()
        for weight, action in DECISIONS:
            if draw < weight:
                action(self, at, it)
                return
            draw -= weight

    def change_seats(self, at: int, it: Subscription) -> None:
        """Add or remove seats; now and then twice within one second."""
        item = it.items[0]
        if item.quantity is None or item.price.product.endswith(("Medium", "Enterprise")):
            return
        more = max(1, item.quantity + self.rng.choice((1, 1, 2, 3, 5, 10, -1, -2, -4)))
        if more == item.quantity:
            return
        self.book.switch(at, it.id, item.price, more)
        if self.chance(0.15):
            self.book.switch(at, it.id, item.price, more + self.rng.randint(11, 20))

    def change_price(self, at: int, it: Subscription) -> None:
        """Change to another plan or interval, billed at once or with the next invoice."""
        item = it.items[0]
        names = {price.id: name for (name, _), price in self.company.prices.items()}
        choices = UPWARD.get(names[item.price.id])
        if choices is None or it.status == "trialing":
            return
        name = choices[0] if self.chance(0.6) else self.rng.choice(choices)
        price = self.price(name)
        is_same = (price.interval, price.interval_count) == (
            item.price.interval,
            item.price.interval_count,
        )
        if not is_same and len(it.items) > 1:
            return
        is_seats = name.startswith("seat")
        quantity = (item.quantity or 1) if is_seats else 1
        if is_seats and quantity == 1:
            quantity = self.rng.randint(3, 12)
        self.book.switch(at, it.id, price, quantity)
        tax = self.profile.tax_percent
        if not is_same:
            invoice = self.book.bill(at, it.id, "subscription_update", tax_percent=tax)
            self.plan(at + 2, self.collect, it.id, invoice)
            self.plan(self.book.subscriptions[it.id].period_end, self.renew, it.id)
        elif self.chance(0.5) and self.book.pending.get(it.id):
            invoice = self.book.bill(
                at, it.id, "subscription_update", tax_percent=tax, only_pending=True
            )
            self.plan(at + 2, self.collect, it.id, invoice)

    def leave(self, at: int, it: Subscription) -> None:
        """Cancel, mostly at the end of the period."""
        if self.chance(0.6):
            self.book.change(at, it.id, cancel_at_period_end=True, canceled_at=at)
        else:
            self.end(at, it.id)

    def end(self, at: int, subscription: str) -> None:
        """End a subscription; some come back months later, some of those as another customer."""
        self.book.cancel(at, subscription)
        customer = self.book.subscriptions[subscription].customer
        if self.profile.is_free or not self.chance(0.35):
            return
        later = at + self.rng.randrange(20 * DAY, 8 * MONTH)
        offer = pick(self.rng, OFFERS)
        if self.chance(0.25):
            self.plan(later, self.come_back, offer)
        else:
            self.plan(later, self.begin, customer, offer)

    def come_back(self, at: int, offer: str) -> None:
        """Begin again as another Stripe customer of the same account."""
        customer = self.new_customer(at)
        self.plan(at + 60, self.begin, customer, offer)

    def pause(self, at: int, it: Subscription) -> None:
        """Pause collection for some months."""
        if it.by_invoice or it.status != "active":
            return
        behavior = self.rng.choice(("void", "keep_as_draft", "mark_uncollectible"))
        self.book.change(at, it.id, pause_behavior=behavior)
        self.plan(at + self.rng.randrange(20 * DAY, 4 * MONTH), self.unpause, it.id)

    def unpause(self, at: int, subscription: str) -> None:
        """Collect again."""
        if self.book.subscriptions[subscription].status in ("active", "past_due", "unpaid"):
            self.book.change(at, subscription, pause_behavior=None)

    def second_subscription(self, at: int, it: Subscription) -> None:
        """Subscribe to something else beside."""
        if len(self.book.subscriptions) < 6:
            self.plan(at + 30, self.begin, it.customer, pick(self.rng, OFFERS))

    def replace_card(self, at: int, it: Subscription) -> None:
        """Put another card on file."""
        self.new_card(at, it.customer)

    # Coupons

    def _coupon(self, durations: Sequence[str]) -> Coupon:
        choices = [
            coupon
            for (_, currency), coupon in self.company.coupons.items()
            if currency in (None, self.profile.currency) and coupon.duration in durations
        ]
        return self.rng.choice(choices)

    def coupon_later(self, at: int, it: Subscription) -> None:
        """Give a coupon to a subscription that runs."""
        self.give_coupon(at, it.id)

    def give_coupon(self, at: int, subscription: str, is_new: bool = False) -> None:
        """Give a coupon to a subscription or its item; one beside another where Stripe can."""
        it = self.book.subscriptions[subscription]
        can_stack = self.is_since(at, SINGLE_PRICE)
        if (it.discounts or it.items[0].discounts) and not can_stack:
            return
        has_own = self.book.customers[it.customer].discount is not None
        # Whether a customer's coupon comes back after the subscription's own is nobody's rule.
        durations = ("forever",) if has_own else ("forever", "repeating")
        if is_new and not has_own:
            durations = (*durations, "once")
        if can_stack and not has_own and self.chance(0.25):
            self.book.give_item_discount(at, self._coupon(("forever", "repeating")), subscription)
            if self.chance(0.35):
                self.book.give_item_discount(at, self._coupon(("forever",)), subscription)
            return
        self.book.give_discount(at, self._coupon(durations), it.customer, subscription)
        if can_stack and self.chance(0.35):
            self.book.give_discount(at, self._coupon(("forever",)), it.customer, subscription)

    def give_customer_coupon(self, at: int, customer: str) -> None:
        """Give a coupon to the customer itself."""
        if self.book.customers[customer].discount is None:
            discount = self.book.give_discount(at, self._coupon(("forever", "repeating")), customer)
            if discount.end is not None:
                self.plan(discount.end, self.book.end_customer_discount, customer)

    # Money back

    def _latest_charge(self, it: Subscription, at: int) -> Charge | None:
        good = (
            charge
            for charge in reversed(self.book.charges.values())
            if charge.failure is None
            and charge.customer == it.customer
            and not charge.is_disputed
            and not charge.refunds
        )
        charge = next(good, None)
        return charge if charge and at - charge.created < 4 * MONTH else None

    def give_back(self, at: int, it: Subscription) -> None:
        """Refund the latest charge, in part, in two parts or in full."""
        charge = self._latest_charge(it, at)
        if charge is None or charge.amount < 10:
            return
        has_object = self.chance(0.8)
        if self.chance(0.5):
            self.book.refund(at, charge.id, charge.amount, has_object)
            return
        part = self.rng.randrange(1, charge.amount // 2)
        refund = self.book.refund(at, charge.id, part, has_object)
        if self.chance(0.3):
            rest = self.rng.randrange(1, charge.amount // 2)
            self.plan(at + 7, self.book.refund, charge.id, rest, has_object)
        elif charge.invoice and self.chance(0.5):
            self.plan(at + 9, self.book.credit, charge.invoice, part, refund)

    def object(self, at: int, it: Subscription) -> None:
        """Dispute the latest charge; it is won or lost weeks later."""
        charge = self._latest_charge(it, at)
        if charge is not None:
            dispute = self.book.open_dispute(at, charge.id)
            later = at + self.rng.randrange(20 * DAY, 70 * DAY)
            self.plan(later, self.book.close_dispute, dispute, self.chance(0.4))

    def surprise(self, at: int, _: Subscription) -> None:
        """Do something that nobody here has a name for, or a known thing in an unknown shape."""
        kind = self.rng.choice(
            (
                *("kennel.opened", "v2.core.bone.buried", "radar.sniffed"),
                *("customer.subscription.updated", "invoice.updated"),
            )
        )
        text = '{"object":"kennel","dogs":[{"name":"Rex"},null],"open":{"since":"dawn"}}'
        self.book.tell(at, kind, Raw(self.rng.choice((text, '["woof",1,null]', '"woof"'))))


DECISIONS: tuple[tuple[float, Callable[[Life, int, Subscription], None]], ...] = (
    (0.12, Life.change_seats),
    (0.035, Life.change_price),
    (0.025, Life.leave),
    (0.02, Life.coupon_later),
    (0.012, Life.pause),
    (0.012, Life.second_subscription),
    (0.02, Life.replace_card),
    (0.02, Life.give_back),
    (0.008, Life.object),
    (0.004, Life.surprise),
)
"""What happens in a month, with probabilities; mostly nothing."""


def catalog(company: Company) -> Book:
    """Return the events of the company's products, prices and coupons."""
    book = Book(token_of(company, 0))
    at = company.starts_at
    for product in company.products.values():
        book.tell(at, "product.created", product)
    for price in company.prices.values():
        book.tell(at + 1, "price.created", price)
    for coupon in company.coupons.values():
        book.tell(at + 2, "coupon.created", coupon)
    return book


def rehearsal(company: Company, number: int) -> Book | None:
    """Return what one account in fifty tried in test mode."""
    rng = random_of(company, number, "test")
    if rng.random() >= 0.02:
        return None
    profile = profile_of(company, number)
    book = Book(token_of(company, -number), livemode=False)
    life = Life(company, profile, rng, book)
    life.plan(profile.signed_up_at, life.sign_up)
    life.run()
    return book


def live(company: Company, number: int) -> tuple[Profile, Book]:
    """Return an account's profile and its book, all its life lived."""
    profile = profile_of(company, number)
    rng = random_of(company, number, "life")
    life = Life(company, profile, rng, Book(token_of(company, number)))
    if profile.is_known_to_stripe:
        life.plan(profile.signed_up_at, life.sign_up)
    life.run()
    return profile, life.book

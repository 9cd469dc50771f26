"""What is sold and to whom, each as it is at an instant; and what it costs."""

from dataclasses import dataclass
from fractions import Fraction

PER_MONTH = {
    "day": Fraction(365, 12),
    "week": Fraction(52, 12),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}


@dataclass(frozen=True)
class Tier:
    """One step of a tiered price, in minor units."""

    up_to: int | None
    unit: Fraction
    flat: Fraction


@dataclass(frozen=True)
class Price:
    """What one unit costs each interval, in minor units."""

    id: str
    currency: str
    interval: str
    count: int
    unit: Fraction = Fraction(0)
    tiers: tuple[Tier, ...] = ()
    tiers_mode: str | None = None
    transform: tuple[int, str] | None = None
    is_metered: bool = False

    @property
    def per_month(self) -> Fraction:
        """How many of its intervals a month has."""
        return PER_MONTH[self.interval] / self.count

    def invoice_amount(self, quantity: int) -> Fraction:
        """What a quantity costs each interval, in minor units."""
        if self.is_metered:
            return Fraction(0)
        if self.tiers_mode == "volume":
            tier = next(t for t in self.tiers if t.up_to is None or quantity <= t.up_to)
            return tier.unit * quantity + tier.flat
        if self.tiers_mode == "graduated":
            total, below = Fraction(0), 0
            for tier in self.tiers:
                top = quantity if tier.up_to is None else min(quantity, tier.up_to)
                if top > below:
                    total += tier.unit * (top - below) + tier.flat
                    below = top
            return total
        if self.transform:
            divide_by, rounding = self.transform
            quantity = -(-quantity // divide_by) if rounding == "up" else quantity // divide_by
        return self.unit * quantity


@dataclass(frozen=True)
class Coupon:
    """The terms of a discount; its amount in minor units."""

    id: str
    percent: Fraction | None
    amount: int | None
    currency: str | None
    duration: str
    months: int | None


@dataclass(frozen=True)
class Discount:
    """A coupon given to a customer, a subscription or an item."""

    id: str
    coupon: Coupon
    start: int
    end: int | None
    customer: str
    subscription: str | None = None
    item: str | None = None

    def counts_at(self, at: float) -> bool:
        """Whether it is recurring and in force."""
        is_recurring = self.coupon.duration in ("forever", "repeating")
        return is_recurring and self.start <= at and (self.end is None or at < self.end)

    def off(self, amount: Fraction, currency: str, per_month: Fraction) -> Fraction:
        """What is left of a monthly amount."""
        if self.coupon.percent is not None:
            return amount * (1 - self.coupon.percent / 100)
        if self.coupon.currency != currency:
            return amount
        return max(Fraction(0), amount - self.coupon.amount * per_month)


@dataclass(frozen=True)
class TaxRate:
    """A tax, in percent, that is in prices or comes on top."""

    percent: Fraction
    is_inclusive: bool


@dataclass(frozen=True)
class Item:
    """A line of a subscription."""

    id: str
    price: Price
    quantity: int
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[TaxRate, ...] = ()


@dataclass(frozen=True)
class Subscription:
    """What a subscription is at an instant."""

    id: str
    customer: str
    created: int
    status: str
    items: tuple[Item, ...]
    discounts: tuple[Discount, ...] = ()
    period: tuple[int, int] = (0, 0)
    is_ending: bool = False
    is_collection_paused: bool = False
    ended_at: int | None = None
    note: str | None = None
    taxes: tuple[TaxRate, ...] = ()

    @property
    def currency(self) -> str:
        """That of all its items."""
        return self.items[0].price.currency


@dataclass(frozen=True)
class Customer:
    """What a Stripe customer is at an instant."""

    id: str
    created: int
    email: str | None
    account_id: str | None
    discount: Discount | None = None
    is_deleted: bool = False
    note: str | None = None


Thing = Subscription | Customer | Discount | Coupon | Price


@dataclass(frozen=True)
class Change:
    """One thing that happened, as Stripe tells it."""

    at: int
    type: str
    before: Thing | None
    after: Thing

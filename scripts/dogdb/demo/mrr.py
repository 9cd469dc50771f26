"""What a subscription's state is worth in a month: MRR, exactly, in minor units.

The rules are the project's definitions (after Stripe Billing's): active and past due subscriptions
count, licensed recurring prices only, normalised to a month, less recurring discounts.
"""

from collections.abc import Iterable
from fractions import Fraction

from dogdb.demo.objects import Discount, Price, Subscription

COUNTING = frozenset({"active", "past_due"})
"""The statuses in which a subscription counts."""

MONTHLY = {
    "day": Fraction(365, 12),
    "week": Fraction(52, 12),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}
"""How many periods of an interval a month holds."""


def periods_per_month(price: Price) -> Fraction:
    """Return how many billing periods of this price a month holds."""
    return MONTHLY[price.interval] / price.interval_count


def price_amount(price: Price, quantity: int) -> Fraction:
    """Return what this many units cost for one period, in minor units, before any rounding.

    The first tier's flat amount is due for no unit at all too.
    """
    if price.divide_by > 1:
        packages, rest = divmod(quantity, price.divide_by)
        quantity = packages + (1 if rest and price.round_to == "up" else 0)
    if price.tiers_mode is None:
        unit = price.unit_amount_decimal if price.unit_amount is None else price.unit_amount
        return quantity * Fraction(unit)
    if price.tiers_mode == "volume":
        tier = next(tier for tier in price.tiers if tier.up_to is None or quantity <= tier.up_to)
        return Fraction(quantity * tier.unit_amount + tier.flat_amount)
    total, below = 0, 0
    for tier in price.tiers:
        units = (quantity if tier.up_to is None else min(quantity, tier.up_to)) - below
        if units <= 0 and tier is not price.tiers[0]:
            break
        total += units * tier.unit_amount + tier.flat_amount
        below += units
    return Fraction(total)


def is_recurring(discount: Discount, at: int) -> bool:
    """Tell whether a discount lowers MRR at an instant: forever, or repeating and not yet over."""
    if discount.coupon.duration == "once" or at < discount.start:
        return False
    return discount.end is None or at < discount.end


def discounted(
    amount: Fraction, discounts: Iterable[Discount], at: int, rate: Fraction
) -> Fraction:
    """Return a monthly amount less its recurring discounts, one after the other.

    Args:
        amount: minor units a month.
        discounts: in their order.
        at: Unix seconds.
        rate: billing periods per month, for amounts that come off each invoice.
    """
    for discount in discounts:
        if not is_recurring(discount, at):
            continue
        if discount.coupon.percent_off is not None:
            amount *= 1 - Fraction(discount.coupon.percent_off) / 100
        else:
            amount = max(Fraction(0), amount - discount.coupon.amount_off * rate)
    return amount


def subscription_mrr(
    subscription: Subscription, customer_discount: Discount | None, at: int
) -> Fraction:
    """Return a subscription's MRR at an instant, in minor units of its currency.

    Args:
        subscription: its state then.
        customer_discount: the customer's own discount, in force where the subscription has none.
        at: Unix seconds.
    """
    if subscription.status not in COUNTING:
        return Fraction(0)
    total = Fraction(0)
    for item in subscription.items:
        if item.price.is_metered or item.quantity is None:
            continue
        rate = periods_per_month(item.price)
        total += discounted(
            price_amount(item.price, item.quantity) * rate, item.discounts, at, rate
        )
    inherited = (customer_discount,) if customer_discount else ()
    rate = periods_per_month(subscription.items[0].price)
    return discounted(total, subscription.discounts or inherited, at, rate)

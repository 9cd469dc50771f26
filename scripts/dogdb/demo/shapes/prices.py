"""What is sold and what is taken off: products, prices or plans, coupons, discounts."""

import json
from functools import lru_cache

from dogdb.demo.objects import (
    Coupon,
    Discount,
    Price,
    Product,
)
from dogdb.demo.shapes.template import (
    BASIL,
    CLOVER,
    SINGLE_PRICE,
    Shape,
    Style,
    Values,
    fill,
    flag,
    number,
    shape,
    text,
)


@shape
def product(version: str) -> Shape:
    """Return a product."""
    shape: Shape = {
        "id": "$id",
        "object": "product",
        "active": True,
        "attributes": [],
        "created": "#created",
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": "#livemode",
        "marketing_features": [],
        "metadata": {},
        "name": "$name",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": "seat",
        "updated": "#created",
        "url": None,
    }
    if version < SINGLE_PRICE:
        del shape["default_price"], shape["tax_code"]
        shape["caption"] = None
        shape["deactivate_on"] = []
    if version < BASIL:
        del shape["marketing_features"]
    return shape


def product_values(product: Product, style: Style) -> Values:
    """Return the slots of a product."""
    return {
        "id": product.id,
        "name": product.name,
        "created": str(product.created),
        "livemode": flag(style.livemode),
    }


@shape
def plan(version: str) -> Shape:
    """Return a price in its older shape, a plan."""
    shape: Shape = {
        "id": "$id",
        "object": "plan",
        "active": True,
        "aggregate_usage": "#aggregate_usage",
        "amount": "#unit_amount",
        "amount_decimal": "#unit_amount_decimal",
        "billing_scheme": "$billing_scheme",
        "created": "#created",
        "currency": "$currency",
        "interval": "$interval",
        "interval_count": "#interval_count",
        "livemode": "#livemode",
        "metadata": {},
        "nickname": "$nickname",
        "product": "$product",
        "tiers": "#tiers",
        "tiers_mode": "#tiers_mode",
        "transform_usage": "#transform",
        "trial_period_days": None,
        "usage_type": "$usage_type",
    }
    if version >= BASIL:
        del shape["aggregate_usage"]
        shape["meter"] = "#meter"
    return shape


@shape
def price(version: str) -> Shape:
    """Return a price as its own events show it, with its tiers as if they were expanded."""
    recurring: Shape = {
        "aggregate_usage": "#aggregate_usage",
        "interval": "$interval",
        "interval_count": "#interval_count",
        "trial_period_days": None,
        "usage_type": "$usage_type",
    }
    if version >= BASIL:
        del recurring["aggregate_usage"]
        recurring["meter"] = "#meter"
    return {
        "id": "$id",
        "object": "price",
        "active": True,
        "billing_scheme": "$billing_scheme",
        "created": "#created",
        "currency": "$currency",
        "custom_unit_amount": None,
        "livemode": "#livemode",
        "lookup_key": None,
        "metadata": {},
        "nickname": "$nickname",
        "product": "$product",
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers": "#tiers",
        "tiers_mode": "#tiers_mode",
        "transform_quantity": "#transform",
        "type": "recurring",
        "unit_amount": "#unit_amount",
        "unit_amount_decimal": "#unit_amount_decimal",
    }


@shape
def plan_within(version: str) -> Shape:
    """Return a tiered plan as other objects show it since 2020-08-27: without its tiers."""
    return {name: value for name, value in plan(version).items() if name != "tiers"}


@shape
def price_within(version: str) -> Shape:
    """Return a tiered price as other objects show it: without its tiers."""
    return {name: value for name, value in price(version).items() if name != "tiers"}


@lru_cache(maxsize=4096)
def price_values(price: Price, style: Style) -> Values:
    """Return the slots of a price, and of the plan it is in older versions."""
    decimal = price.unit_amount_decimal
    if decimal is None and price.unit_amount is not None:
        decimal = str(price.unit_amount)
    tiers = [
        {"flat_amount": tier.flat_amount, "unit_amount": tier.unit_amount, "up_to": tier.up_to}
        for tier in price.tiers
    ]
    package = {"divide_by": price.divide_by, "round": price.round_to}
    return {
        "id": price.id,
        "product": price.product,
        "nickname": price.nickname,
        "currency": price.currency,
        "unit_amount": number(price.unit_amount),
        "unit_amount_decimal": text(decimal),
        "billing_scheme": "tiered" if price.tiers else "per_unit",
        "tiers": json.dumps(tiers, separators=(",", ":")) if tiers else "null",
        "tiers_mode": text(price.tiers_mode),
        "transform": json.dumps(package, separators=(",", ":")) if price.divide_by > 1 else "null",
        "interval": price.interval,
        "interval_count": str(price.interval_count),
        "usage_type": "metered" if price.is_metered else "licensed",
        "aggregate_usage": '"sum"' if price.is_metered else "null",
        "meter": f'"mtr_{price.id[6:]}"' if price.is_metered else "null",
        "created": str(price.created),
        "livemode": flag(style.livemode),
    }


@lru_cache(maxsize=4096)
def price_text(price: Price, style: Style) -> str:
    """Return a price as other objects show it, as JSON."""
    return fill("price_within" if price.tiers else "price", price_values(price, style), style)


@lru_cache(maxsize=4096)
def plan_text(price: Price, style: Style) -> str:
    """Return a price as the plan it was; null where lean and a price stands beside it."""
    if style.is_lean and style.version >= SINGLE_PRICE:
        return "null"
    is_bare = price.tiers and style.version >= SINGLE_PRICE
    return fill("plan_within" if is_bare else "plan", price_values(price, style), style)


@shape
def coupon(version: str) -> Shape:
    """Return a coupon."""
    return {
        "id": "$id",
        "object": "coupon",
        "amount_off": "#amount_off",
        "created": "#created",
        "currency": "#currency",
        "duration": "$duration",
        "duration_in_months": "#months",
        "livemode": "#livemode",
        "max_redemptions": None,
        "metadata": {},
        "name": "$name",
        "percent_off": "#percent_off",
        "redeem_by": None,
        "times_redeemed": 1,
        "valid": True,
    }


@lru_cache(maxsize=1024)
def coupon_values(coupon: Coupon, style: Style) -> Values:
    """Return the slots of a coupon."""
    return {
        "id": coupon.id,
        "name": coupon.name,
        "duration": coupon.duration,
        "months": number(coupon.months),
        "percent_off": coupon.percent_off or "null",
        "amount_off": number(coupon.amount_off),
        "currency": text(coupon.currency),
        "created": str(coupon.created),
        "livemode": flag(style.livemode),
    }


@shape
def discount(version: str) -> Shape:
    """Return a discount, its coupon under `source` since clover.

    Its id came in 2020 to every version, so that a later event can name what an earlier one gave.
    Since clover `source.coupon` is the coupon's id unless expanded; here it is expanded.
    """
    shape: Shape = {
        "id": "$id",
        "object": "discount",
        "checkout_session": None,
        "coupon": "#coupon",
        "customer": "$customer",
        "end": "#end",
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "start": "#start",
        "subscription": "#subscription",
        "subscription_item": "#item",
    }
    if version < SINGLE_PRICE:
        for name in ("checkout_session", "invoice", "invoice_item", "promotion_code"):
            del shape[name]
    if version < BASIL:
        del shape["subscription_item"]
    if version >= CLOVER:
        del shape["coupon"]
        shape["source"] = {"coupon": "#coupon", "type": "coupon"}
    return shape


@lru_cache(maxsize=256)
def discount_values(discount: Discount, style: Style) -> Values:
    """Return the slots of a discount."""
    return {
        "id": discount.id,
        "coupon": fill("coupon", coupon_values(discount.coupon, style), style),
        "customer": discount.customer,
        "subscription": text(discount.subscription),
        "item": text(discount.item),
        "start": str(discount.start),
        "end": number(discount.end),
    }


def first_discount(discounts: tuple[Discount, ...], style: Style) -> str:
    """Return the first of some discounts as JSON, or null."""
    if not discounts:
        return "null"
    return fill("discount", discount_values(discounts[0], style), style)


def discount_ids(discounts: tuple[Discount, ...]) -> str:
    """Return discounts' ids as a JSON list."""
    return f"[{','.join(text(discount.id) for discount in discounts)}]"

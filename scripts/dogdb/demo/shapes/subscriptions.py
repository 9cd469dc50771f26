"""Subscriptions and their items."""

from functools import lru_cache

from dogdb.demo.objects import Item, Subscription
from dogdb.demo.shapes.prices import discount_ids, first_discount, plan_text, price_text
from dogdb.demo.shapes.template import (
    BASIL,
    CLOVER,
    SINGLE_PRICE,
    Shape,
    Style,
    Values,
    fill,
    flag,
    listed,
    number,
    shape,
    text,
)


@shape
def subscription_item(version: str) -> Shape:
    """Return an item: with a plan, then a price beside it; with its own period since basil."""
    shape: Shape = {
        "id": "$id",
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": "#created",
        "discounts": "#discounts",
        "metadata": {},
        "plan": "#plan",
        "price": "#price",
        "quantity": "#quantity",
        "subscription": "$subscription",
        "tax_rates": [],
    }
    if version < SINGLE_PRICE:
        for name in ("billing_thresholds", "discounts", "price", "tax_rates"):
            del shape[name]
    if version >= BASIL:
        shape["current_period_end"] = "#period_end"
        shape["current_period_start"] = "#period_start"
    return shape


@lru_cache(maxsize=256)
def _item(item: Item, subscription: Subscription, style: Style) -> str:
    return fill(
        "subscription_item",
        {
            "id": item.id,
            "created": str(item.created),
            "discounts": discount_ids(item.discounts),
            "plan": plan_text(item.price, style),
            "price": price_text(item.price, style),
            "quantity": number(item.quantity),
            "subscription": subscription.id,
            "period_start": str(subscription.period_start),
            "period_end": str(subscription.period_end),
        },
        style,
    )


@shape
def subscription(version: str) -> Shape:
    """Return a subscription: `plan` and `quantity` of its own at first, items with prices later."""
    shape: Shape = {
        "id": "$id",
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"enabled": False},
        "billing_cycle_anchor": "#anchor",
        "billing_thresholds": None,
        "cancel_at": "#cancel_at",
        "cancel_at_period_end": "#cancel_at_period_end",
        "canceled_at": "#canceled_at",
        "cancellation_details": {"comment": None, "feedback": None, "reason": "#cancel_reason"},
        "collection_method": "$collection",
        "created": "#created",
        "currency": "$currency",
        "current_period_end": "#period_end",
        "current_period_start": "#period_start",
        "customer": "$customer",
        "days_until_due": "#days_until_due",
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discount": "#discount",
        "discounts": "#discounts",
        "ended_at": "#ended_at",
        "items": listed("#items", "/v1/subscription_items?subscription=$id")
        | {"total_count": "#item_count"},
        "latest_invoice": "#latest_invoice",
        "livemode": "#livemode",
        "metadata": {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": "#pause",
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "plan": "#plan",
        "quantity": "#quantity",
        "schedule": None,
        "start_date": "#created",
        "status": "$status",
        "test_clock": None,
        "transfer_data": None,
        "trial_end": "#trial_end",
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": "#trial_start",
    }
    if version < "2019-10-17":
        del shape["collection_method"], shape["start_date"]
        shape["billing"] = "$collection"
        shape["start"] = "#created"
        shape["tax_percent"] = None
    if version < SINGLE_PRICE:
        for name in (
            "application",
            "automatic_tax",
            "cancellation_details",
            "currency",
            "default_tax_rates",
            "description",
            "discounts",
            "payment_settings",
            "pending_invoice_item_interval",
            "pending_update",
            "test_clock",
            "trial_settings",
        ):
            del shape[name]
    if version >= BASIL:
        for name in ("current_period_end", "current_period_start", "discount", "plan", "quantity"):
            del shape[name]
        shape["automatic_tax"] = {"disabled_reason": None, "enabled": False, "liability": None}
        shape["billing_cycle_anchor_config"] = None
        shape["invoice_settings"] = {"account_tax_ids": None, "issuer": {"type": "self"}}
    if version >= CLOVER:
        shape["billing_mode"] = {"flexible": None, "type": "classic"}
    return shape


@lru_cache(maxsize=256)
def subscription_values(subscription: Subscription, style: Style) -> Values:
    """Return the slots of a subscription."""
    it = subscription
    only = it.items[0] if len(it.items) == 1 else None
    pause = it.pause_behavior
    return {
        "id": it.id,
        "customer": it.customer,
        "created": str(it.created),
        "anchor": str(it.anchor),
        "status": it.status,
        "currency": it.currency,
        "collection": "send_invoice" if it.by_invoice else "charge_automatically",
        "days_until_due": "30" if it.by_invoice else "null",
        "period_start": str(it.period_start),
        "period_end": str(it.period_end),
        "cancel_at": str(it.period_end) if it.cancel_at_period_end else "null",
        "cancel_at_period_end": flag(it.cancel_at_period_end),
        "canceled_at": number(it.canceled_at),
        "cancel_reason": "null" if it.canceled_at is None else '"cancellation_requested"',
        "ended_at": number(it.ended_at),
        "trial_start": number(it.trial_start),
        "trial_end": number(it.trial_end),
        "items": f"[{','.join([_item(item, it, style) for item in it.items])}]",
        "item_count": str(len(it.items)),
        "plan": plan_text(only.price, style) if only else "null",
        "quantity": number(only.quantity) if only else "null",
        "discount": first_discount(it.discounts, style),
        "discounts": discount_ids(it.discounts),
        "pause": f'{{"behavior":"{pause}","resumes_at":null}}' if pause else "null",
        "latest_invoice": text(it.latest_invoice),
        "livemode": flag(style.livemode),
    }

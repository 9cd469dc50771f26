"""A world's changes as Stripe's events, in the shape of the API version of the day."""

import random

from odd.payer.world import (
    BASIL,
    DAHLIA,
    DETAILS,
    NO_LIST,
    PRICES,
    STATUS,
    Change,
    State,
    World,
)

VERSIONS = [
    "2015-10-16",
    "2018-02-06",
    "2018-11-08",
    "2019-05-16",
    "2020-08-27",
    "2022-11-15",
    "2024-09-30.acacia",
    "2025-03-31.basil",
    "2026-07-29.dahlia",
]
OTHERS = {NO_LIST: 6, 6: NO_LIST, BASIL: DAHLIA, DAHLIA: BASIL}
"""Versions that tell of money in the same places: at times an event is in the other one."""

WITH_PREVIOUS = ("charge.refunded", "charge.captured", "charge.dispute.funds_withdrawn")
"""Beside updates."""

BRANDS = {"visa": "Visa", "mastercard": "MasterCard", "amex": "American Express"}
CARDS = ("card", "card_old", "apple_old", "apple_pay", "google_pay")


def _object(kind: str, state: State, names: str, **more: object) -> State:
    """An object that shows some of its state as it is, and more."""
    shown = {"id": state["id"], "object": kind, "livemode": True, "metadata": {}}
    return shown | {name: state[name] for name in names.split()} | more


def _list(rows: list[State], url: str) -> State:
    return {"object": "list", "data": rows, "has_more": False, "url": url}


def product(state: State, shape: int) -> State:
    return _object("product", state, "name created", active=True, type="service")


def plan(state: State, shape: int) -> State:
    """The old word for a price."""
    shown = _object("plan", state, "amount created currency interval", interval_count=1)
    shown |= {"nickname": state["plan"], "product": f"prod_{state['plan']}"}
    if shape < STATUS:
        return shown | {"name": state["plan"]}
    return shown | {"billing_scheme": "per_unit", "usage_type": "licensed", "active": True}


def price(state: State, shape: int) -> State:
    recurring = {"interval": state["interval"], "interval_count": 1, "usage_type": "licensed"}
    return _object(
        "price",
        state,
        "created currency",
        active=True,
        billing_scheme="per_unit",
        nickname=state["plan"],
        product=f"prod_{state['plan']}",
        recurring=recurring,
        tiers_mode=None,
        transform_quantity=None,
        type="recurring",
        unit_amount=state["amount"],
        unit_amount_decimal=str(state["amount"]),
    )


def customer(state: State, shape: int) -> State:
    shown = _object("customer", state, "created email metadata", currency=None)
    if shape >= PRICES:
        return shown | {"balance": 0, "name": None, "address": None}
    sources = _list([], f"/v1/customers/{state['id']}/sources")
    return shown | {"account_balance": 0, "sources": sources}


def source(state: State, customer_id: str | None) -> State:
    """What old versions charge: a card, a bank account or a source."""
    shown = {"id": state["id"], "customer": customer_id, "metadata": {}}
    kind, last4 = state["kind"], state["last4"]
    if kind == "bank_account":
        shown |= {"object": kind, "bank_name": "STRIPE TEST BANK", "routing_number": "110000000"}
        return shown | {"country": "US", "currency": "usd", "last4": last4, "status": "verified"}
    if kind == "source":
        shown |= {"object": kind, "type": "sepa_debit", "created": state["created"]}
        debit = {"last4": last4, "bank_code": "3704", "country": "DE"}
        return shown | {"flow": "none", "status": "chargeable", "sepa_debit": debit}
    wallet = "apple_pay" if kind == "apple_old" else None
    shown |= {"object": "card", "brand": BRANDS[state["brand"]], "tokenization_method": wallet}
    return shown | _card(state)


def _card(state: State) -> State:
    year, month = state["exp"]
    shown = {"exp_month": month, "exp_year": year, "last4": state["last4"], "country": "US"}
    return shown | {"fingerprint": f"fp{state['last4']}", "funding": "credit"}


def _details(state: State) -> State:
    """payment_method_details and the like."""
    kind, of = state["kind"], {"last4": state["last4"], "country": "US"}
    if kind in CARDS:
        name = {"apple_old": "apple_pay", "card": None, "card_old": None}.get(kind, kind)
        wallet = name and {"type": name, "dynamic_last4": None, name: {}}
        kind, of = "card", _card(state) | {"brand": state["brand"], "wallet": wallet}
    elif kind == "link":
        of = {"country": "US"}
    kind = {"bank_account": "ach_debit", "source": "sepa_debit"}.get(kind, kind)
    return {"type": kind, kind: of}


def method(state: State, shape: int) -> State:
    """A saved method: an old source or a payment method."""
    is_method = state["id"].startswith("pm")
    if not is_method and state["kind"] != "card_old":
        return source(state, state["customer"])
    owner = None if state["is_detached"] and is_method else state["customer"]
    return _object("payment_method", state, "created", customer=owner) | _details(state)


def refund(state: State, shape: int) -> State:
    shown = _object("refund", state, "amount charge created currency status", reason=None)
    return shown | ({"payment_intent": state["intent"]} if shape >= PRICES else {})


def dispute(state: State, shape: int) -> State:
    shown = _object("dispute", state, "amount charge created currency status", reason="general")
    shown["metadata"] = {"note": state["note"]} if state["note"] else {}
    return shown | ({"payment_intent": state["intent"]} if shape >= PRICES else {})


def charge(state: State, shape: int) -> State:
    status = state["status"]
    shown = _object(
        "charge",
        state,
        "amount amount_refunded created currency customer status",
        captured=state["is_captured"] and status != "failed",
        description=state["note"],
        failure_code="card_declined" if status == "failed" else None,
        paid=status == "succeeded",
        refunded=state["amount"] == state["amount_refunded"],
    )
    if shape >= STATUS:
        shown["payment_intent"] = state["intent"]
    if shape < BASIL:
        shown["invoice"] = state["invoice"]
    if shape < DETAILS:
        shown["source"] = source(state["method"], state["customer"])
        shown["dispute"] = "dp" if state["disputed"] else None
    else:
        shown["payment_method"] = state["method"]["id"]
        shown["payment_method_details"] = _details(state["method"])
        shown["disputed"] = state["disputed"]
    if shape >= PRICES:
        shown["amount_captured"] = state["captured"] if status == "succeeded" else 0
    if shape < NO_LIST and state["has_list"]:
        rows = [refund(row, shape) for row in reversed(state["refunds"])]
        shown["refunds"] = _list(rows, f"/v1/charges/{state['id']}/refunds")
        shown["refunds"]["total_count"] = len(rows)
    return shown


def line(state: State, invoice_id: str, shape: int) -> State:
    """A line of an invoice."""
    sub, of, amount = state["subscription"], state["price"], state["amount"]
    is_item = sub is None or state["proration"]
    item = f"ii_{state['id'][3:]}" if is_item else None
    shown = _object("line_item", state, "amount quantity", discountable=not state["proration"])
    shown |= {"currency": state["currency"], "subscription": sub}
    shown["period"] = {"start": state["start"], "end": state["end"]}
    taxes = [{"amount": state["tax"]}] if state["tax"] else []
    if shape < BASIL:
        shown |= {"proration": state["proration"], "plan": of and plan(of, shape)}
        shown["type"] = "invoiceitem" if is_item else "subscription"
        if item:
            shown["invoice_item"] = item
        elif shape < STATUS:  # The line of a subscription was known by the subscription's id.
            shown |= {"id": sub, "subscription": None}
    if DETAILS <= shape < BASIL:
        told = {"inclusive": state["inclusive"], "tax_rate": "txr_1"}
        shown["tax_amounts"] = [tax | told for tax in taxes]
    if shape >= PRICES:
        shown["discounts"] = [name for _, name in state["discounts"]]
        shown["discount_amounts"] = [
            {"amount": off, "discount": name} for off, name in state["discounts"]
        ]
    if PRICES <= shape < BASIL:
        shown["price"] = of and price(of, shape)
    if shape >= BASIL:
        kinds = ("invoice_item_details", "subscription_item_details")
        details = {"invoice_item": item, "proration": state["proration"], "subscription": sub}
        behavior = "inclusive" if state["inclusive"] else "exclusive"
        shown["invoice"] = invoice_id
        shown["parent"] = dict.fromkeys(kinds) | {"type": kinds[not is_item]}
        shown["parent"][kinds[not is_item]] = details
        shown["pricing"] = of and {
            "type": "price_details",
            "price_details": {"price": of["id"], "product": f"prod_{of['plan']}"},
            "unit_amount_decimal": str(of["amount"]),
        }
        shown["taxes"] = [tax | {"tax_behavior": behavior} for tax in taxes]
    if shape >= DAHLIA:
        shown["subtotal"] = amount
    return shown


def invoice(state: State, shape: int) -> State:
    lines, total, status = state["lines"], state["total"], state["status"]
    subtotal, tax = (sum(row[name] for row in lines) for name in ("amount", "tax"))
    is_inclusive = any(row["inclusive"] for row in lines)
    discounts = [discount for row in lines for discount in row["discounts"]]
    names = sorted({name for _, name in discounts})
    due, is_paid = max(state["due"], 0), status == "paid"
    rows = [line(row | {"currency": state["currency"]}, state["id"], shape) for row in lines]
    shown = _object(
        "invoice",
        state,
        "currency customer total",
        amount_due=due,
        attempt_count=state["attempts"],
        attempted=state["attempts"] > 0 or is_paid,
        description=state["note"],
        period_start=state["created"],
        period_end=state["created"],
        starting_balance=state["starting"],
        ending_balance=state["ending"],
        subtotal=subtotal,
        lines=_list(rows, f"/v1/invoices/{state['id']}/lines"),
    )
    if shape >= 1:
        shown["amount_paid"] = due if is_paid and not state["oob"] else 0
        shown["amount_remaining"] = 0 if is_paid else due
    if shape < BASIL:
        shown |= {"charge": state["charge"], "paid": is_paid, "tax": tax or None}
        shown["subscription"] = state["subscription"]
        if state["oob"] or shape >= DETAILS:
            shown["paid_out_of_band"] = state["oob"]
    if shape < PRICES:
        shown["discount"] = None
        for name in names[:1]:
            percent = int(name[3:])
            coupon = {"id": f"c{percent}", "object": "coupon", "percent_off": percent}
            coupon |= {"duration": "once", "amount_off": None}
            shown["discount"] = {"id": name, "object": "discount", "coupon": coupon}
            shown["discount"] |= {"start": state["created"], "end": None}
    else:
        off = sum(amount for amount, _ in discounts)
        shown["discounts"] = names
        shown["total_discount_amounts"] = [{"amount": off, "discount": n} for n in names[:1]]
    if shape < STATUS:
        shown["closed"] = status in ("paid", "uncollectible")
        shown["forgiven"] = status == "uncollectible"
        shown["tax_percent"] = 20.0 if tax else None
    else:
        shown["status"] = status
    if shape < DETAILS:
        shown["date"] = state["created"]
        if shape >= STATUS:
            shown["finalized_at"] = state["finalized_at"]
    else:
        shown["created"] = state["created"]
        shown["status_transitions"] = {
            "finalized_at": state["finalized_at"],
            "marked_uncollectible_at": state["uncollectible_at"],
            "paid_at": state["paid_at"],
            "voided_at": state["voided_at"],
        }
    taxes = [{"amount": tax}] if tax else []
    if DETAILS <= shape < BASIL:
        told = {"inclusive": is_inclusive, "tax_rate": "txr_1"}
        shown["payment_intent"] = state["intent"]
        shown["total_tax_amounts"] = [one | told for one in taxes]
    if shape >= BASIL:
        behavior = "inclusive" if is_inclusive else "exclusive"
        shown["total_taxes"] = [one | {"tax_behavior": behavior} for one in taxes]
        of = {"metadata": {}, "subscription": state["subscription"]}
        shown["parent"] = {"type": "subscription_details", "subscription_details": of}
        if not state["subscription"]:
            shown["parent"] = None
    if shape >= NO_LIST:
        shown["total_excluding_tax"] = total - tax
        shown["subtotal_excluding_tax"] = subtotal - (tax if is_inclusive else 0)
    return shown


def invoice_payment(state: State, shape: int) -> State:
    """What pays an invoice, since basil."""
    by = "charge" if state["by_charge"] else "payment_intent"
    return _object(
        "invoice_payment",
        state,
        "created currency invoice",
        amount_paid=state["amount"],
        amount_requested=state["amount"],
        is_default=True,
        payment={"type": by, by: state["charge" if state["by_charge"] else "intent"]},
        status="paid",
        status_transitions={"canceled_at": None, "paid_at": state["created"]},
    )


def subscription(state: State, shape: int) -> State:
    period = {"current_period_start": state["start"], "current_period_end": state["end"]}
    of = {"plan": plan(state["price"], shape), "quantity": state["quantity"]}
    item = {"id": state["item"], "object": "subscription_item", "subscription": state["id"]} | of
    if shape >= PRICES:
        item |= {"price": price(state["price"], shape), "discounts": []}
    if shape >= BASIL:
        item |= period
    shown = _object(
        "subscription",
        state,
        "created customer ended_at status",
        cancel_at_period_end=False,
        canceled_at=state["ended_at"],
        currency=state["price"]["currency"],
        items=_list([item], f"/v1/subscription_items?subscription={state['id']}"),
    )
    if shape < BASIL:
        shown |= period | of | {"discount": None}
    return shown | ({"discounts": []} if shape >= NO_LIST else {})


SHAPES = {
    "product": product,
    "plan": plan,
    "customer": customer,
    "method": method,
    "refund": refund,
    "dispute": dispute,
    "charge": charge,
    "invoice": invoice,
    "invoice_payment": invoice_payment,
    "subscription": subscription,
}


def previous(old: object, new: object) -> State:
    """What Stripe calls previous_attributes: of each change the former value."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return {}
    result = {}
    for key in old.keys() | new.keys():
        was, is_ = old.get(key), new.get(key)
        if was == is_:
            continue
        nested = isinstance(was, dict) and isinstance(is_, dict) and was.get("object") != "list"
        result[key] = previous(was, is_) if nested else was
    return result


def payload(change: Change, name: str, event_id: str, shape: int) -> State:
    """One event."""
    make = SHAPES[change.kind]
    shown = make(change.state, shape)
    data: State = {"object": shown}
    if change.before is not None and (name.endswith(".updated") or name in WITH_PREVIOUS):
        data["previous_attributes"] = previous(make(change.before, shape), shown)
    return {
        "id": event_id,
        "object": "event",
        "api_version": VERSIONS[shape],
        "created": change.at,
        "data": data,
        "livemode": True,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": name,
    }


def events(world: World) -> list[State]:
    """All events, in their true order; some in another version than that of the day."""
    rng = random.Random(f"{world.seed} events")
    told = []
    for change in world.log:
        shape = world.shape(change.at)
        if rng.random() < 0.1:
            shape = OTHERS.get(shape, shape)
        for name in change.types:
            told.append(payload(change, name, f"evt_{rng.getrandbits(80):020x}", shape))
    return told

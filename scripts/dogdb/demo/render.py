"""Objects to the text of events, in the shape of an API version.

Text is made by filling templates, never by building and dumping dicts: a made company has millions
of events. What repeats (a price, an invoice's lines) is kept per object.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from dogdb.demo.objects import (
    Card,
    Charge,
    Coupon,
    CreditNote,
    Customer,
    Discount,
    Dispute,
    Happening,
    Invoice,
    InvoicePayment,
    Item,
    Line,
    PaymentIntent,
    PaymentMethod,
    Price,
    Product,
    Raw,
    Refund,
    Subscription,
    Thing,
)
from dogdb.demo.shapes import (
    LATEST_CHARGE,
    PAYMENT_METHOD,
    SINGLE_PRICE,
    fields_of,
    filler,
)

Values = dict[str, str]
"""The slots of a template, each JSON or text that needs no escaping."""

DECLINES = {
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "insufficient_funds": "Your card has insufficient funds.",
}
"""Failure codes and the messages that come with them."""

BRANDS = {
    "visa": "Visa",
    "mastercard": "MasterCard",
    "amex": "American Express",
    "discover": "Discover",
    "jcb": "JCB",
}
"""Card brands, as payment methods spell them, and as cards do."""


@dataclass(frozen=True, slots=True)
class Style:
    """How to render: the API version, live or test mode, all of Stripe's fields or a lean set."""

    version: str
    livemode: bool = True
    is_lean: bool = False


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _text(value: str | None) -> str:
    return "null" if value is None else f'"{value}"'


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _fill(name: str, values: Values, style: Style) -> str:
    return filler(name, style.version, style.is_lean)(values)


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
        "unit_amount": _number(price.unit_amount),
        "unit_amount_decimal": _text(decimal),
        "billing_scheme": "tiered" if price.tiers else "per_unit",
        "tiers": json.dumps(tiers, separators=(",", ":")) if tiers else "null",
        "tiers_mode": _text(price.tiers_mode),
        "transform": json.dumps(package, separators=(",", ":")) if price.divide_by > 1 else "null",
        "interval": price.interval,
        "interval_count": str(price.interval_count),
        "usage_type": "metered" if price.is_metered else "licensed",
        "aggregate_usage": '"sum"' if price.is_metered else "null",
        "meter": f'"mtr_{price.id[6:]}"' if price.is_metered else "null",
        "created": str(price.created),
        "livemode": _flag(style.livemode),
    }


@lru_cache(maxsize=4096)
def _price(price: Price, style: Style) -> str:
    return _fill("price", price_values(price, style), style)


@lru_cache(maxsize=4096)
def _plan(price: Price, style: Style) -> str:
    if style.is_lean and style.version >= SINGLE_PRICE:
        return "null"
    return _fill("plan", price_values(price, style), style)


def product_values(product: Product, style: Style) -> Values:
    """Return the slots of a product."""
    return {
        "id": product.id,
        "name": product.name,
        "created": str(product.created),
        "livemode": _flag(style.livemode),
    }


@lru_cache(maxsize=1024)
def coupon_values(coupon: Coupon, style: Style) -> Values:
    """Return the slots of a coupon."""
    return {
        "id": coupon.id,
        "name": coupon.name,
        "duration": coupon.duration,
        "months": _number(coupon.months),
        "percent_off": coupon.percent_off or "null",
        "amount_off": _number(coupon.amount_off),
        "currency": _text(coupon.currency),
        "created": str(coupon.created),
        "livemode": _flag(style.livemode),
    }


@lru_cache(maxsize=256)
def discount_values(discount: Discount, style: Style) -> Values:
    """Return the slots of a discount."""
    return {
        "id": discount.id,
        "coupon": _fill("coupon", coupon_values(discount.coupon, style), style),
        "customer": discount.customer,
        "subscription": _text(discount.subscription),
        "item": _text(discount.item),
        "start": str(discount.start),
        "end": _number(discount.end),
    }


def _first_discount(discounts: tuple[Discount, ...], style: Style) -> str:
    if not discounts:
        return "null"
    return _fill("discount", discount_values(discounts[0], style), style)


def _discount_ids(discounts: tuple[Discount, ...]) -> str:
    return f"[{','.join(_text(discount.id) for discount in discounts)}]"


@lru_cache(maxsize=256)
def card_values(card: Card) -> Values:
    """Return the slots that a card fills wherever it appears."""
    return {
        "brand": card.brand,
        "brand_name": BRANDS[card.brand],
        "country": card.country,
        "exp_month": str(card.exp_month),
        "exp_year": str(card.exp_year),
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
    }


def _source(card: Card, customer: str, style: Style) -> str:
    return _fill("card", card_values(card) | {"id": card.id, "customer": customer}, style)


def payment_method_values(method: PaymentMethod, style: Style) -> Values:
    """Return the slots of a payment method."""
    return card_values(method.card) | {
        "id": method.card.id,
        "email": _text(method.email),
        "customer": method.customer,
        "created": str(method.created),
        "livemode": _flag(style.livemode),
    }


def customer_values(customer: Customer, style: Style) -> Values:
    """Return the slots of a customer."""
    is_source = style.version < SINGLE_PRICE
    card = customer.card
    discounts = (customer.discount,) if customer.discount else ()
    metadata = {} if customer.account_id is None else {"account_id": customer.account_id}
    return {
        "id": customer.id,
        "prefix": customer.id[-8:].upper(),
        "created": str(customer.created),
        "currency": customer.currency,
        "delinquent": _flag(customer.is_delinquent),
        "balance": str(customer.balance),
        "discount": _first_discount(discounts, style),
        "email": _text(customer.email),
        "name": _text(customer.name),
        "metadata": json.dumps(metadata, separators=(",", ":")),
        "source": _text(card.id) if card and is_source else "null",
        "method": _text(card.id) if card and not is_source else "null",
        "sources": f"[{_source(card, customer.id, style)}]" if card and is_source else "[]",
        "source_count": "1" if card else "0",
        "livemode": _flag(style.livemode),
    }


@lru_cache(maxsize=256)
def _item(item: Item, subscription: Subscription, style: Style) -> str:
    return _fill(
        "subscription_item",
        {
            "id": item.id,
            "created": str(item.created),
            "discounts": _discount_ids(item.discounts),
            "plan": _plan(item.price, style),
            "price": _price(item.price, style),
            "quantity": _number(item.quantity),
            "subscription": subscription.id,
            "period_start": str(subscription.period_start),
            "period_end": str(subscription.period_end),
        },
        style,
    )


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
        "cancel_at_period_end": _flag(it.cancel_at_period_end),
        "canceled_at": _number(it.canceled_at),
        "cancel_reason": "null" if it.canceled_at is None else '"cancellation_requested"',
        "ended_at": _number(it.ended_at),
        "trial_start": _number(it.trial_start),
        "trial_end": _number(it.trial_end),
        "items": f"[{','.join([_item(item, it, style) for item in it.items])}]",
        "item_count": str(len(it.items)),
        "plan": _plan(only.price, style) if only else "null",
        "quantity": _number(only.quantity) if only else "null",
        "discount": _first_discount(it.discounts, style),
        "discounts": _discount_ids(it.discounts),
        "pause": f'{{"behavior":"{pause}","resumes_at":null}}' if pause else "null",
        "latest_invoice": _text(it.latest_invoice),
        "livemode": _flag(style.livemode),
    }


def _taxes(amount: int, taxable: int) -> tuple[str, str]:
    """Return a tax as it was written before basil, and since."""
    if not amount:
        return "[]", "[]"
    rate = '"tax_rate":"txr_1DogStandardRate"'
    common = f'"taxability_reason":"standard_rated","taxable_amount":{taxable}'
    return (
        f'[{{"amount":{amount},"inclusive":false,{rate},{common}}}]',
        f'[{{"amount":{amount},"tax_behavior":"exclusive","tax_rate_details":{{{rate}}},'
        f'{common},"type":"tax_rate_details"}}]',
    )


def _discount_amounts(amounts: dict[str, int]) -> str:
    parts = [f'{{"amount":{amount},"discount":"{name}"}}' for name, amount in amounts.items()]
    return f"[{','.join(parts)}]"


def _line_parent(line: Line, subscription: str) -> str:
    """Return what a line comes from, as written since basil."""
    proration = '"proration_details":{"credited_items":null}'
    if line.is_proration:
        return (
            f'{{"invoice_item_details":{{"invoice_item":"ii_{line.id[3:]}","proration":true,'
            f'{proration},"subscription":"{subscription}"}},"subscription_item_details":null,'
            f'"type":"invoice_item_details"}}'
        )
    return (
        f'{{"invoice_item_details":null,"subscription_item_details":{{"invoice_item":null,'
        f'"proration":false,{proration},"subscription":"{subscription}",'
        f'"subscription_item":"{line.item}"}},"type":"subscription_item_details"}}'
    )


def _line(line: Line, invoice: str, subscription: str, style: Style) -> str:
    taken = {discount.id: amount for discount, amount in line.discounted}
    before, since = _taxes(line.tax, line.amount - sum(taken.values()))
    return _fill(
        "invoice_line",
        {
            "id": line.id,
            "amount": str(line.amount),
            "currency": line.price.currency,
            "description": line.description,
            "discount_amounts": _discount_amounts(taken),
            "discountable": _flag(not line.is_proration),
            "discounts": _discount_ids(tuple(discount for discount, _ in line.discounted)),
            "start": str(line.start),
            "end": str(line.end),
            "plan": _plan(line.price, style),
            "price": _price(line.price, style),
            "price_id": line.price.id,
            "product": line.price.product,
            "unit_amount_decimal": price_values(line.price, style)["unit_amount_decimal"],
            "proration": _flag(line.is_proration),
            "quantity": _number(line.quantity),
            "subscription": subscription,
            "item": line.item,
            "invoice": invoice,
            "parent": _line_parent(line, subscription),
            "tax_amounts": before,
            "taxes": since,
            "type": "invoiceitem" if line.is_proration else "subscription",
            "livemode": _flag(style.livemode),
        },
        style,
    )


@lru_cache(maxsize=64)
def _sums(lines: tuple[Line, ...], invoice: str, subscription: str, style: Style) -> Values:
    """Return the slots that the lines decide; they stay while an invoice's status changes."""
    subtotal = sum(line.amount for line in lines)
    tax = sum(line.tax for line in lines)
    taken: dict[str, int] = {}
    for line in lines:
        for discount, amount in line.discounted:
            taken[discount.id] = taken.get(discount.id, 0) + amount
    discounts = {discount.id: discount for line in lines for discount, _ in line.discounted}
    net = subtotal - sum(taken.values())
    before, since = _taxes(tax, net)
    return {
        "lines": f"[{','.join([_line(line, invoice, subscription, style) for line in lines])}]",
        "line_count": str(len(lines)),
        "period_start": str(min(line.start for line in lines)),
        "period_end": str(max(line.end for line in lines)),
        "discount": _first_discount(tuple(discounts.values()), style),
        "discounts": _discount_ids(tuple(discounts.values())),
        "discount_amounts": _discount_amounts(taken),
        "subtotal": str(subtotal),
        "tax": _number(tax or None),
        "tax_amounts": before,
        "taxes": since,
        "total": str(net + tax),
        "total_excluding_tax": str(net),
    }


@lru_cache(maxsize=64)
def invoice_values(invoice: Invoice, style: Style) -> Values:
    """Return the slots of an invoice."""
    it = invoice
    is_paid = it.status == "paid"
    due = it.amount_due
    return _sums(it.lines, it.id, it.subscription, style) | {
        "id": it.id,
        "number": _text(it.number) if it.finalized_at else "null",
        "customer": it.customer,
        "email": _text(it.email),
        "subscription": it.subscription,
        "currency": it.currency,
        "created": str(it.created),
        "status": it.status,
        "reason": it.reason,
        "collection": "send_invoice" if it.by_invoice else "charge_automatically",
        "due_date": str(it.created + 30 * 86400) if it.by_invoice else "null",
        "attempts": str(it.attempts),
        "attempted": _flag(it.attempts > 0 or is_paid),
        "auto_advance": _flag(it.status in ("draft", "open")),
        "next_attempt": "null",
        "charge": _text(it.charge),
        "payment_intent": _text(it.payment_intent),
        "paid": _flag(is_paid),
        "closed": _flag(it.status in ("paid", "void", "uncollectible")),
        "forgiven": _flag(it.status == "uncollectible"),
        "out_of_band": _flag(it.is_out_of_band),
        "finalized_at": _number(it.finalized_at),
        "paid_at": _number(it.paid_at),
        "voided_at": _number(it.voided_at),
        "uncollectible_at": _number(it.uncollectible_at),
        "amount_due": str(due),
        "amount_paid": str(due if is_paid else 0),
        "amount_remaining": str(0 if is_paid else due),
        "starting_balance": str(it.balance),
        "ending_balance": str(min(0, it.balance + it.total)) if it.finalized_at else "null",
        "credited_before": str(it.credited),
        "credited_after": str(it.credited_after),
        "livemode": _flag(style.livemode),
    }


def refund_values(refund: Refund, style: Style) -> Values:
    """Return the slots of a refund."""
    return {
        "id": refund.id,
        "amount": str(refund.amount),
        "balance_transaction": f"txn_{refund.id[3:]}",
        "charge": refund.charge,
        "created": str(refund.created),
        "currency": refund.currency,
        "payment_intent": _text(refund.payment_intent),
        "reason": _text(refund.reason),
    }


@lru_cache(maxsize=64)
def charge_values(charge: Charge, style: Style) -> Values:
    """Return the slots of a charge."""
    it = charge
    is_paid = it.failure is None
    refunds = [_fill("refund", refund_values(refund, style), style) for refund in it.refunds]
    return card_values(it.card) | {
        "id": it.id,
        "amount": str(it.amount),
        "amount_captured": str(it.amount) if is_paid else "0",
        "amount_refunded": str(it.refunded),
        "balance_transaction": f'"txn_{it.id[3:]}"' if is_paid else "null",
        "created": str(it.created),
        "currency": it.currency,
        "customer": it.customer,
        "description": "Subscription update" if it.invoice else "Payment",
        "disputed": _flag(it.is_disputed),
        "failure_code": _text(it.failure),
        "failure_message": _text(DECLINES[it.failure]) if it.failure else "null",
        "invoice": _text(it.invoice),
        "paid": _flag(is_paid),
        "status": "succeeded" if is_paid else "failed",
        "payment_intent": _text(it.payment_intent),
        "card": it.card.id,
        "source": _source(it.card, it.customer, style),
        "network_status": "approved_by_network" if is_paid else "declined_by_network",
        "seller_message": "Payment complete." if is_paid else "The bank declined this payment.",
        "outcome": "authorized" if is_paid else "issuer_declined",
        "refunded": _flag(it.refunded == it.amount),
        "refunds": f"[{','.join(refunds)}]",
        "refund_count": str(len(refunds)),
        "livemode": _flag(style.livemode),
    }


def payment_intent_values(intent: PaymentIntent, style: Style) -> Values:
    """Return the slots of a payment intent, most of them its charge's."""
    charge = intent.charge
    values = charge_values(charge, style)
    is_paid = charge.failure is None
    error = f'{{"code":"{charge.failure}","message":"{DECLINES.get(charge.failure or "")}",'
    return values | {
        "id": intent.id,
        "charge": charge.id,
        "charges": f"[{_object('charge', charge, style)}]",
        "error": "null" if is_paid else error + '"type":"card_error"}',
        "intent_status": "succeeded" if is_paid else "requires_payment_method",
        "payment_method": _text(charge.card.id) if is_paid else "null",
    }


def dispute_values(dispute: Dispute, style: Style) -> Values:
    """Return the slots of a dispute; closing it in our favour brings the money back."""
    it = dispute
    amounts = [-it.amount, it.amount] if it.status == "won" else [-it.amount]
    transactions = [
        f'{{"id":"txn_{it.id[3:]}{n}","object":"balance_transaction","amount":{amount},'
        f'"currency":"{it.currency}","source":"{it.id}","type":"adjustment"}}'
        for n, amount in enumerate(amounts)
    ]
    is_answered = it.status != "needs_response"
    return {
        "id": it.id,
        "amount": str(it.amount),
        "balance_transactions": f"[{','.join(transactions)}]",
        "charge": it.charge,
        "created": str(it.created),
        "currency": it.currency,
        "due_by": str(it.created + 9 * 86400),
        "has_evidence": _flag(is_answered),
        "submissions": "1" if is_answered else "0",
        "payment_intent": _text(it.payment_intent),
        "reason": it.reason,
        "status": it.status,
        "livemode": _flag(style.livemode),
    }


def credit_note_values(note: CreditNote, style: Style) -> Values:
    """Return the slots of a credit note."""
    refund = note.refund
    return {
        "id": note.id,
        "line_id": f"cnli_{note.id[3:]}",
        "line": note.line,
        "amount": str(note.amount),
        "created": str(note.created),
        "currency": note.currency,
        "customer": note.customer,
        "invoice": note.invoice,
        "memo": "Goodwill",
        "number": note.number,
        "type": "post_payment" if refund else "pre_payment",
        "refund": _text(refund.id) if refund else "null",
        "refunds": f'[{{"amount_refunded":{refund.amount},"refund":"{refund.id}"}}]'
        if refund
        else "[]",
        "livemode": _flag(style.livemode),
    }


def invoice_payment_values(payment: InvoicePayment, style: Style) -> Values:
    """Return the slots of an invoice payment."""
    return {
        "id": payment.id,
        "amount": str(payment.amount),
        "created": str(payment.created),
        "currency": payment.currency,
        "invoice": payment.invoice,
        "payment_intent": payment.payment_intent or "",
        "livemode": _flag(style.livemode),
    }


def raw_values(raw: Raw, _: Style) -> Values:
    """Return the one slot of an object whose text is given."""
    return {"text": raw.text}


VALUES: dict[type, tuple[str, Callable[..., Values]]] = {
    Charge: ("charge", charge_values),
    Coupon: ("coupon", coupon_values),
    CreditNote: ("credit_note", credit_note_values),
    Customer: ("customer", customer_values),
    Discount: ("discount", discount_values),
    Dispute: ("dispute", dispute_values),
    Invoice: ("invoice", invoice_values),
    InvoicePayment: ("invoice_payment", invoice_payment_values),
    PaymentIntent: ("payment_intent", payment_intent_values),
    PaymentMethod: ("payment_method", payment_method_values),
    Price: ("price", price_values),
    Product: ("product", product_values),
    Raw: ("raw", raw_values),
    Refund: ("refund", refund_values),
    Subscription: ("subscription", subscription_values),
}
"""For each kind of thing its shape's name and what fills it."""


def _previous(name: str, before: Values, after: Values, style: Style) -> str:
    """Return `previous_attributes`: the former values of the fields that changed."""
    fields = fields_of(name, style.version, style.is_lean)
    changed = {
        field: text
        for slot, value in before.items()
        if after[slot] != value
        for field, text in fields.get(slot, {}).items()
    }
    return ",".join([f'"{field}":{text % before}' for field, text in changed.items()])


@lru_cache(maxsize=16)
def _object(name: str, thing: Thing, style: Style) -> str:
    """Return an object as JSON; kept, as the same state is often told twice."""
    return _fill(name, VALUES[type(thing)][1](thing, style), style)


def thing_text(thing: Thing, style: Style) -> str:
    """Return an object as JSON in an API version's shape."""
    return _object(VALUES[type(thing)][0], thing, style)


NAMED_BEFORE = {
    "invoice.paid": "invoice.payment_succeeded",
    "payment_method.attached": "customer.source.created",
    "payment_method.detached": "customer.source.deleted",
    "price.created": "plan.created",
}
"""What was told under another name by versions before these types."""


def type_in(kind: str, style: Style) -> str | None:
    """Return what an event is called in an API version, None where nothing told of it then."""
    version = style.version
    if version >= LATEST_CHARGE:
        return kind
    if kind == "refund.created":
        return None
    if kind == "invoice.paid" and version < SINGLE_PRICE and not style.is_lean:
        return None  # its other name is told too
    if version < PAYMENT_METHOD and kind.startswith("payment_intent."):
        return None
    since = PAYMENT_METHOD if kind.startswith("payment_method.") else SINGLE_PRICE
    return NAMED_BEFORE.get(kind, kind) if version < since else kind


def event_text(happening: Happening, kind: str, event_id: str, style: Style) -> str:
    """Return an event as JSON.

    Args:
        happening: what it tells.
        kind: the event's type, as `type_in` knows it in this version.
        event_id: its id.
        style: the API version and the fields.
    """
    thing = happening.thing
    name, values_of = VALUES[type(thing)]
    if kind.startswith("plan."):
        name = "plan"
    elif kind.startswith("customer.source."):
        name = "card"
    data = f'{{"object":{_object(name, thing, style)}'
    if happening.previous is not None:
        before, values = values_of(happening.previous, style), values_of(thing, style)
        data += f',"previous_attributes":{{{_previous(name, before, values, style)}}}'
    return filler("event", style.version)(
        {
            "id": event_id,
            "api_version": style.version,
            "created": str(happening.at),
            "data": data + "}",
            "livemode": _flag(style.livemode),
            "type": kind,
        }
    )

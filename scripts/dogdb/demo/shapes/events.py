"""Events: the envelope, the names that types have in each version, and the whole text."""

from collections.abc import Callable
from functools import lru_cache

from dogdb.demo.objects import (
    Charge,
    Coupon,
    CreditNote,
    Customer,
    Discount,
    Dispute,
    Happening,
    Invoice,
    InvoicePayment,
    PaymentIntent,
    PaymentMethod,
    Price,
    Product,
    Raw,
    Refund,
    Subscription,
    Thing,
)
from dogdb.demo.shapes.customers import customer_values, payment_method_values
from dogdb.demo.shapes.invoices import credit_note_values, invoice_payment_values, invoice_values
from dogdb.demo.shapes.payments import (
    charge_values,
    dispute_values,
    payment_intent_values,
    refund_values,
)
from dogdb.demo.shapes.prices import coupon_values, discount_values, price_values, product_values
from dogdb.demo.shapes.subscriptions import subscription_values
from dogdb.demo.shapes.template import (
    LATEST_CHARGE,
    PAYMENT_METHOD,
    SINGLE_PRICE,
    Shape,
    Style,
    Values,
    fields_of,
    fill,
    filler,
    flag,
    shape,
)


@shape
def event(_: str) -> Shape:
    """Return the envelope of every event."""
    return {
        "id": "$id",
        "object": "event",
        "api_version": "$api_version",
        "created": "#created",
        "data": "#data",
        "livemode": "#livemode",
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "$type",
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
    return fill(name, VALUES[type(thing)][1](thing, style), style)


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
            "livemode": flag(style.livemode),
            "type": kind,
        }
    )

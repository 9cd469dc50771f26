"""Where each API version of Stripe keeps what: the shapes of its objects.

A shape is the object as a dict with slots. `"$name"` (also inside a longer text) takes text that
needs no escaping, `"#name"` takes JSON. Versions are compared by their names, which begin with
their dates. Where a field came, moved or went follows Stripe's changelog; some fields that say
nothing here are left out.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from operator import itemgetter

OLDEST = "2018-02-28"
PAYMENT_METHOD = "2019-03-14"
SINGLE_PRICE = "2020-08-27"
LATEST_CHARGE = "2022-11-15"
BASIL = "2025-03-31.basil"
CLOVER = "2025-09-30.clover"

Shape = dict[str, object]


def _listed(data: str, url: str) -> Shape:
    return {"object": "list", "data": data, "has_more": False, "url": url}


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


def product(_: str) -> Shape:
    """Return a product."""
    return {
        "id": "$id",
        "object": "product",
        "active": True,
        "attributes": [],
        "created": "#created",
        "description": None,
        "livemode": "#livemode",
        "metadata": {},
        "name": "$name",
        "statement_descriptor": None,
        "type": "service",
        "unit_label": "seat",
        "updated": "#created",
    }


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


def price(version: str) -> Shape:
    """Return a price; `tiers` is there where it has some, as if the field were expanded."""
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


def card(_: str) -> Shape:
    """Return a card as a source of an old customer or charge."""
    return {
        "id": "$id",
        "object": "card",
        "address_zip": None,
        "address_zip_check": None,
        "brand": "$brand_name",
        "country": "$country",
        "customer": "$customer",
        "cvc_check": "pass",
        "dynamic_last4": None,
        "exp_month": "#exp_month",
        "exp_year": "#exp_year",
        "fingerprint": "$fingerprint",
        "funding": "$funding",
        "last4": "$last4",
        "metadata": {},
        "name": None,
        "tokenization_method": None,
    }


def payment_method(version: str) -> Shape:
    """Return a card as a payment method."""
    return {
        "id": "$id",
        "object": "payment_method",
        "billing_details": {
            "address": {"country": "$country", "postal_code": None},
            "email": "#email",
            "name": None,
            "phone": None,
        },
        "card": {
            "brand": "$brand",
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": "$country",
            "exp_month": "#exp_month",
            "exp_year": "#exp_year",
            "fingerprint": "$fingerprint",
            "funding": "$funding",
            "last4": "$last4",
            "networks": {"available": ["$brand"], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": "#created",
        "customer": "$customer",
        "livemode": "#livemode",
        "metadata": {},
        "type": "card",
    }


def customer(version: str) -> Shape:
    """Return a customer: its card in `sources` before 2020-08-27, as the default method since."""
    shape: Shape = {
        "id": "$id",
        "object": "customer",
        "address": None,
        "balance": "#balance",
        "created": "#created",
        "currency": "$currency",
        "default_source": "#source",
        "delinquent": "#delinquent",
        "description": None,
        "discount": "#discount",
        "email": "#email",
        "invoice_prefix": "$prefix",
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": "#method",
            "footer": None,
        },
        "livemode": "#livemode",
        "metadata": "#metadata",
        "name": "#name",
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
    }
    if version < "2019-10-17":
        del shape["balance"]
        shape["account_balance"] = "#balance"
    if version < "2018-11-08":
        for name in ("address", "invoice_settings", "name", "preferred_locales", "tax_exempt"):
            del shape[name]
    if version < SINGLE_PRICE:
        shape["sources"] = _listed("#sources", "/v1/customers/$id/sources") | {
            "total_count": "#source_count"
        }
    return shape


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


def subscription(version: str) -> Shape:
    """Return a subscription: `plan` and `quantity` of its own at first, items with prices later."""
    shape: Shape = {
        "id": "$id",
        "object": "subscription",
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
        "discount": "#discount",
        "discounts": "#discounts",
        "ended_at": "#ended_at",
        "items": _listed("#items", "/v1/subscription_items?subscription=$id")
        | {"total_count": "#item_count"},
        "latest_invoice": "#latest_invoice",
        "livemode": "#livemode",
        "metadata": {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": "#pause",
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
        "trial_start": "#trial_start",
    }
    if version < "2019-10-17":
        del shape["collection_method"], shape["start_date"]
        shape["billing"] = "$collection"
        shape["start"] = "#created"
        shape["tax_percent"] = None
    if version < SINGLE_PRICE:
        for name in (
            "automatic_tax",
            "cancellation_details",
            "currency",
            "default_tax_rates",
            "discounts",
            "pending_update",
            "test_clock",
        ):
            del shape[name]
    if version >= BASIL:
        for name in ("current_period_end", "current_period_start", "discount", "plan", "quantity"):
            del shape[name]
    return shape


def invoice_line(version: str) -> Shape:
    """Return an invoice's line: `plan`, then `price`, then `pricing.price_details` since basil."""
    shape: Shape = {
        "id": "$id",
        "object": "line_item",
        "amount": "#amount",
        "currency": "$currency",
        "description": "$description",
        "discount_amounts": "#discount_amounts",
        "discountable": "#discountable",
        "discounts": "#discounts",
        "livemode": "#livemode",
        "metadata": {},
        "period": {"end": "#end", "start": "#start"},
        "plan": "#plan",
        "price": "#price",
        "proration": "#proration",
        "quantity": "#quantity",
        "subscription": "$subscription",
        "subscription_item": "$item",
        "tax_amounts": "#tax_amounts",
        "tax_rates": [],
        "type": "$type",
    }
    if version < PAYMENT_METHOD:
        del shape["tax_amounts"], shape["tax_rates"]
    if version < SINGLE_PRICE:
        for name in ("discount_amounts", "discounts", "price"):
            del shape[name]
    if version >= BASIL:
        gone = ("plan", "price", "proration", "subscription", "subscription_item")
        for name in (*gone, "tax_amounts", "tax_rates", "type"):
            del shape[name]
        shape["invoice"] = "$invoice"
        shape["parent"] = "#parent"
        shape["pretax_credit_amounts"] = []
        shape["pricing"] = {
            "price_details": {"price": "$price_id", "product": "$product"},
            "type": "price_details",
            "unit_amount_decimal": "#unit_amount_decimal",
        }
        shape["taxes"] = "#taxes"
    return shape


def invoice(version: str) -> Shape:
    """Return an invoice: its subscription under `parent`, and no charge, since basil."""
    shape: Shape = {
        "id": "$id",
        "object": "invoice",
        "account_country": "US",
        "account_name": "DogDB",
        "amount_due": "#amount_due",
        "amount_paid": "#amount_paid",
        "amount_remaining": "#amount_remaining",
        "application": None,
        "attempt_count": "#attempts",
        "attempted": "#attempted",
        "auto_advance": "#auto_advance",
        "automatic_tax": {"enabled": False, "status": None},
        "billing_reason": "$reason",
        "charge": "#charge",
        "collection_method": "$collection",
        "created": "#created",
        "currency": "$currency",
        "customer": "$customer",
        "customer_email": "#email",
        "customer_name": None,
        "customer_tax_exempt": "none",
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discount": "#discount",
        "discounts": "#discounts",
        "due_date": "#due_date",
        "effective_at": "#finalized_at",
        "ending_balance": "#ending_balance",
        "footer": None,
        "last_finalization_error": None,
        "lines": _listed("#lines", "/v1/invoices/$id/lines") | {"total_count": "#line_count"},
        "livemode": "#livemode",
        "metadata": {},
        "next_payment_attempt": "#next_attempt",
        "number": "#number",
        "on_behalf_of": None,
        "paid": "#paid",
        "paid_out_of_band": "#out_of_band",
        "payment_intent": "#payment_intent",
        "period_end": "#period_end",
        "period_start": "#period_start",
        "post_payment_credit_notes_amount": "#credited_after",
        "pre_payment_credit_notes_amount": "#credited_before",
        "receipt_number": None,
        "starting_balance": "#starting_balance",
        "statement_descriptor": None,
        "status": "$status",
        "status_transitions": {
            "finalized_at": "#finalized_at",
            "marked_uncollectible_at": "#uncollectible_at",
            "paid_at": "#paid_at",
            "voided_at": "#voided_at",
        },
        "subscription": "$subscription",
        "subtotal": "#subtotal",
        "subtotal_excluding_tax": "#subtotal",
        "tax": "#tax",
        "test_clock": None,
        "total": "#total",
        "total_discount_amounts": "#discount_amounts",
        "total_excluding_tax": "#total_excluding_tax",
        "total_tax_amounts": "#tax_amounts",
        "webhooks_delivered_at": "#created",
    }
    if version < "2018-11-08":
        old = ("account_country", "account_name", "auto_advance", "customer_email", "customer_name")
        for name in (*old, "customer_tax_exempt", "status", "amount_paid", "amount_remaining"):
            del shape[name]
        shape["application_fee"] = None
        shape["closed"] = "#closed"
        shape["forgiven"] = "#forgiven"
        shape["tax_percent"] = None
    if version < PAYMENT_METHOD:
        gone = ("created", "collection_method", "payment_intent", "status_transitions")
        for name in (*gone, "total_tax_amounts", "default_tax_rates", "default_payment_method"):
            del shape[name]
        shape["billing"] = "$collection"
        shape["date"] = "#created"
        shape["finalized_at"] = "#finalized_at"
    if version < SINGLE_PRICE:
        for name in (
            "application",
            "automatic_tax",
            "discounts",
            "effective_at",
            "last_finalization_error",
            "on_behalf_of",
            "subtotal_excluding_tax",
            "test_clock",
            "total_discount_amounts",
            "total_excluding_tax",
        ):
            del shape[name]
    if version >= BASIL:
        for name in (
            "charge",
            "discount",
            "paid",
            "paid_out_of_band",
            "payment_intent",
            "subscription",
            "tax",
            "total_tax_amounts",
        ):
            del shape[name]
        shape["amount_overpaid"] = 0
        shape["parent"] = {
            "quote_details": None,
            "subscription_details": {"metadata": {}, "subscription": "$subscription"},
            "type": "subscription_details",
        }
        shape["total_pretax_credit_amounts"] = []
        shape["total_taxes"] = "#taxes"
    return shape


def charge(version: str) -> Shape:
    """Return a charge: card as `source`, then `payment_method_details`; no invoice since basil."""
    shape: Shape = {
        "id": "$id",
        "object": "charge",
        "amount": "#amount",
        "amount_captured": "#amount_captured",
        "amount_refunded": "#amount_refunded",
        "application_fee": None,
        "balance_transaction": "#balance_transaction",
        "billing_details": {
            "address": {"country": "$country", "postal_code": None},
            "email": None,
            "name": None,
            "phone": None,
        },
        "captured": "#paid",
        "created": "#created",
        "currency": "$currency",
        "customer": "$customer",
        "description": "$description",
        "disputed": "#disputed",
        "failure_code": "#failure_code",
        "failure_message": "#failure_message",
        "fraud_details": {},
        "invoice": "#invoice",
        "livemode": "#livemode",
        "metadata": {},
        "outcome": {
            "network_status": "$network_status",
            "reason": "#failure_code",
            "risk_level": "normal",
            "seller_message": "$seller_message",
            "type": "$outcome",
        },
        "paid": "#paid",
        "payment_intent": "#payment_intent",
        "payment_method": "$card",
        "payment_method_details": {
            "card": {
                "brand": "$brand",
                "checks": {"address_postal_code_check": None, "cvc_check": "pass"},
                "country": "$country",
                "exp_month": "#exp_month",
                "exp_year": "#exp_year",
                "fingerprint": "$fingerprint",
                "funding": "$funding",
                "installments": None,
                "last4": "$last4",
                "network": "$brand",
                "three_d_secure": None,
                "wallet": None,
            },
            "type": "card",
        },
        "receipt_email": None,
        "receipt_number": None,
        "refunded": "#refunded",
        "refunds": _listed("#refunds", "/v1/charges/$id/refunds")
        | {"total_count": "#refund_count"},
        "review": None,
        "shipping": None,
        "source": "#source",
        "statement_descriptor": None,
        "status": "$status",
        "transfer_group": None,
    }
    if version < "2018-08-23":
        del shape["payment_intent"]
    if version < PAYMENT_METHOD:
        for name in ("billing_details", "payment_method", "payment_method_details"):
            del shape[name]
    else:
        del shape["source"]
    if version < SINGLE_PRICE:
        del shape["amount_captured"]
        shape["dispute"] = None
    if version >= LATEST_CHARGE:
        del shape["refunds"]
    if version >= BASIL:
        del shape["invoice"]
    return shape


def payment_intent(version: str) -> Shape:
    """Return a payment intent: `charges`, later `latest_charge`; no invoice since basil."""
    shape: Shape = {
        "id": "$id",
        "object": "payment_intent",
        "amount": "#amount",
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": "#amount_captured",
        "application": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "charges": _listed("#charges", "/v1/charges?payment_intent=$id") | {"total_count": 1},
        "confirmation_method": "automatic",
        "created": "#created",
        "currency": "$currency",
        "customer": "$customer",
        "description": "$description",
        "invoice": "#invoice",
        "last_payment_error": "#error",
        "latest_charge": "$charge",
        "livemode": "#livemode",
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": "#payment_method",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "setup_future_usage": "off_session",
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "status": "$intent_status",
        "transfer_group": None,
    }
    if version < LATEST_CHARGE:
        del shape["latest_charge"]
    else:
        del shape["charges"]
    if version >= BASIL:
        del shape["invoice"]
    return shape


def refund(version: str) -> Shape:
    """Return a refund."""
    shape: Shape = {
        "id": "$id",
        "object": "refund",
        "amount": "#amount",
        "balance_transaction": "$balance_transaction",
        "charge": "$charge",
        "created": "#created",
        "currency": "$currency",
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": "#payment_intent",
        "reason": "#reason",
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    if version < SINGLE_PRICE:
        del shape["destination_details"]
    if version < "2019-11-05":
        del shape["payment_intent"]
    return shape


def dispute(version: str) -> Shape:
    """Return a dispute, its evidence left out."""
    shape: Shape = {
        "id": "$id",
        "object": "dispute",
        "amount": "#amount",
        "balance_transactions": "#balance_transactions",
        "charge": "$charge",
        "created": "#created",
        "currency": "$currency",
        "evidence": {},
        "evidence_details": {
            "due_by": "#due_by",
            "has_evidence": "#has_evidence",
            "past_due": False,
            "submission_count": "#submissions",
        },
        "is_charge_refundable": False,
        "livemode": "#livemode",
        "metadata": {},
        "payment_intent": "#payment_intent",
        "reason": "$reason",
        "status": "$status",
    }
    if version < SINGLE_PRICE:
        del shape["payment_intent"]
    return shape


def credit_note(version: str) -> Shape:
    """Return a credit note of one line."""
    line: Shape = {
        "id": "$line_id",
        "object": "credit_note_line_item",
        "amount": "#amount",
        "description": "$memo",
        "discount_amount": 0,
        "discount_amounts": [],
        "invoice_line_item": "$line",
        "livemode": "#livemode",
        "quantity": 1,
        "tax_rates": [],
        "type": "invoice_line_item",
        "unit_amount": None,
        "unit_amount_decimal": None,
    }
    shape: Shape = {
        "id": "$id",
        "object": "credit_note",
        "amount": "#amount",
        "created": "#created",
        "currency": "$currency",
        "customer": "$customer",
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": "#created",
        "invoice": "$invoice",
        "lines": {
            "object": "list",
            "data": [line],
            "has_more": False,
            "url": "/v1/credit_notes/$id/lines",
        },
        "livemode": "#livemode",
        "memo": "$memo",
        "metadata": {},
        "number": "$number",
        "out_of_band_amount": None,
        "reason": "order_change",
        "refund": "#refund",
        "status": "issued",
        "subtotal": "#amount",
        "tax_amounts": [],
        "total": "#amount",
        "type": "$type",
        "voided_at": None,
    }
    if version < LATEST_CHARGE:
        del shape["effective_at"]
    if version < BASIL:
        line["tax_amounts"] = []
    else:
        del shape["refund"], shape["tax_amounts"]
        line["taxes"] = []
        shape["refunds"] = "#refunds"
        shape["total_taxes"] = []
    return shape


def invoice_payment(_: str) -> Shape:
    """Return a payment applied to an invoice."""
    return {
        "id": "$id",
        "object": "invoice_payment",
        "amount_paid": "#amount",
        "amount_requested": "#amount",
        "created": "#created",
        "currency": "$currency",
        "invoice": "$invoice",
        "is_default": True,
        "livemode": "#livemode",
        "payment": {"payment_intent": "$payment_intent", "type": "payment_intent"},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": "#created"},
    }


SHAPES = {
    shape.__name__: shape
    for shape in (
        card,
        charge,
        coupon,
        credit_note,
        customer,
        discount,
        dispute,
        event,
        invoice,
        invoice_line,
        invoice_payment,
        payment_intent,
        payment_method,
        plan,
        price,
        product,
        refund,
        subscription,
        subscription_item,
    )
}
"""Every shape by the name of its object."""

EMPTY: tuple[object, ...] = (None, [], {})


def without_empty(shape: object) -> object:
    """Return a shape without the fields that are always null or empty: lean, and still Stripe's."""
    if isinstance(shape, dict):
        kept = {name: without_empty(value) for name, value in shape.items()}
        return {
            name: value
            for name, value in kept.items()
            if name == "metadata" or not any(value is e or value == e for e in EMPTY)
        }
    if isinstance(shape, list):
        return [without_empty(value) for value in shape]
    return shape


def as_format(shape: object) -> str:
    """Return a shape as JSON with named places for `%`."""
    text = json.dumps(shape, separators=(",", ":")).replace("%", "%%")
    return re.sub(r"\$(\w+)", r"%(\1)s", re.sub(r'"#(\w+)"', r"%(\1)s", text))


def shape_of(name: str, version: str, lean: bool = False) -> Shape:
    """Return an object's shape.

    Args:
        name: one of `SHAPES`.
        version: the API version.
        lean: leave out fields that are always empty.
    """
    shape = SHAPES[name](version)
    return without_empty(shape) if lean else shape


@cache
def template(name: str, version: str, lean: bool = False) -> str:
    """Return an object's shape as a format for `%`; the arguments are those of `shape_of`."""
    if name == "raw":
        return "%(text)s"
    return as_format(shape_of(name, version, lean))


@cache
def filler(name: str, version: str, lean: bool = False) -> Callable[[Mapping[str, str]], str]:
    """Return what fills an object's template; places by position, half as slow as by name."""
    text = template(name, version, lean)
    slots = re.findall(r"%\((\w+)\)s", text)
    by_position = re.sub(r"%\(\w+\)s", "%s", text)
    values = itemgetter(*slots, slots[0])  # one more, so that there are always several
    return lambda given: by_position % values(given)[:-1]


@cache
def fields_of(name: str, version: str, lean: bool = False) -> dict[str, dict[str, str]]:
    """Return, for each slot, the object's own fields it appears in, each with its format."""
    result: dict[str, dict[str, str]] = {}
    for field, value in shape_of(name, version, lean).items():
        text = as_format(value)
        for slot in re.findall(r"%\((\w+)\)s", text):
            result.setdefault(slot, {})[field] = text
    return result

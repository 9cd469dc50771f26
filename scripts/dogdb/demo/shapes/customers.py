"""Customers and their cards: sources before 2020, payment methods since."""

import json
from functools import lru_cache

from dogdb.demo.objects import (
    Card,
    Customer,
    PaymentMethod,
)
from dogdb.demo.shapes.prices import first_discount
from dogdb.demo.shapes.template import (
    BASIL,
    SINGLE_PRICE,
    Shape,
    Style,
    Values,
    fill,
    flag,
    listed,
    shape,
    text,
)

BRANDS = {
    "visa": "Visa",
    "mastercard": "MasterCard",
    "amex": "American Express",
    "discover": "Discover",
    "jcb": "JCB",
}
"""Card brands, as payment methods spell them, and as cards do."""


ADDRESS: Shape = {
    "city": None,
    "country": "$country",
    "line1": None,
    "line2": None,
    "postal_code": None,
    "state": None,
}
CHECKS: Shape = {
    "address_line1_check": None,
    "address_postal_code_check": None,
    "cvc_check": "pass",
}


def billing_details(email: object, version: str) -> Shape:
    """Return what a card's holder gave with it."""
    details: Shape = {"address": ADDRESS, "email": email, "name": None, "phone": None}
    return details | {"tax_id": None} if version >= BASIL else details


@shape
def card(_: str) -> Shape:
    """Return a card as a source of an old customer or charge."""
    return {
        "id": "$id",
        "object": "card",
        "address_city": None,
        "address_country": None,
        "address_line1": None,
        "address_line1_check": None,
        "address_line2": None,
        "address_state": None,
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
        "tokenization_method": "#tokenized",
    }


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
        "tokenized": text(card.wallet),
        "wallet": f'{{"dynamic_last4":null,"type":"{card.wallet}"}}' if card.wallet else "null",
    }


def source_text(card: Card, customer: str, style: Style) -> str:
    """Return a card as JSON, as a source of its customer."""
    return fill("card", card_values(card) | {"id": card.id, "customer": customer}, style)


@shape
def payment_method(version: str) -> Shape:
    """Return a card as a payment method."""
    card: Shape = {
        "brand": "$brand",
        "checks": CHECKS,
        "country": "$country",
        "exp_month": "#exp_month",
        "exp_year": "#exp_year",
        "fingerprint": "$fingerprint",
        "funding": "$funding",
        "generated_from": None,
        "last4": "$last4",
        "networks": {"available": ["$brand"], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": "#wallet",
    }
    shape: Shape = {
        "id": "$id",
        "object": "payment_method",
        "billing_details": billing_details("#email", version),
        "card": card,
        "created": "#created",
        "customer": "$customer",
        "livemode": "#livemode",
        "metadata": {},
        "type": "card",
    }
    if version >= BASIL:
        card["display_brand"] = "$brand"
        card["regulated_status"] = "unregulated"
        shape["allow_redisplay"] = "unspecified"
    return shape


def payment_method_values(method: PaymentMethod, style: Style) -> Values:
    """Return the slots of a payment method."""
    return card_values(method.card) | {
        "id": method.card.id,
        "email": text(method.email),
        "customer": method.customer,
        "created": str(method.created),
        "livemode": flag(style.livemode),
    }


@shape
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
            "rendering_options": None,
        },
        "livemode": "#livemode",
        "metadata": "#metadata",
        "name": "#name",
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    if version < "2019-10-17":
        del shape["balance"]
        shape["account_balance"] = "#balance"
    if version < "2018-11-08":
        for name in ("address", "invoice_settings", "name", "preferred_locales", "tax_exempt"):
            del shape[name]
    if version < SINGLE_PRICE:
        del shape["next_invoice_sequence"], shape["test_clock"]
        shape["sources"] = listed("#sources", "/v1/customers/$id/sources") | {
            "total_count": "#source_count"
        }
    return shape


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
        "delinquent": flag(customer.is_delinquent),
        "balance": str(customer.balance),
        "discount": first_discount(discounts, style),
        "email": text(customer.email),
        "name": text(customer.name),
        "metadata": json.dumps(metadata, separators=(",", ":")),
        "source": text(card.id) if card and is_source else "null",
        "method": text(card.id) if card and not is_source else "null",
        "sources": f"[{source_text(card, customer.id, style)}]" if card and is_source else "[]",
        "source_count": "1" if card else "0",
        "livemode": flag(style.livemode),
    }

"""Invoices, what is paid on them and what is credited."""

from functools import lru_cache

from dogdb.demo.objects import CreditNote, Invoice, InvoicePayment, Line
from dogdb.demo.shapes.invoice_lines import discount_amounts, line_text, taxes
from dogdb.demo.shapes.prices import (
    discount_ids,
    first_discount,
)
from dogdb.demo.shapes.template import (
    BASIL,
    LATEST_CHARGE,
    PAYMENT_METHOD,
    SINGLE_PRICE,
    Shape,
    Style,
    Values,
    flag,
    listed,
    number,
    shape,
    text,
)

PAGES = "https://invoice.stripe.com/i/acct_1DogDBWarehouse/live"
"""Where Stripe shows an invoice to whoever has its address."""


@shape
def invoice(version: str) -> Shape:
    """Return an invoice: its subscription under `parent`, and no charge, since basil."""
    shape: Shape = {
        "id": "$id",
        "object": "invoice",
        "account_country": "US",
        "account_name": "DogDB",
        "account_tax_ids": None,
        "amount_due": "#amount_due",
        "amount_paid": "#amount_paid",
        "amount_remaining": "#amount_remaining",
        "amount_shipping": 0,
        "application": None,
        "application_fee_amount": None,
        "attempt_count": "#attempts",
        "attempted": "#attempted",
        "auto_advance": "#auto_advance",
        "automatic_tax": {"enabled": False, "status": None},
        "billing_reason": "$reason",
        "charge": "#charge",
        "collection_method": "$collection",
        "created": "#created",
        "currency": "$currency",
        "custom_fields": None,
        "customer": "$customer",
        "customer_address": None,
        "customer_email": "#email",
        "customer_name": None,
        "customer_phone": None,
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
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
        "from_invoice": None,
        "hosted_invoice_url": "#page",
        "invoice_pdf": "#pdf",
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": listed("#lines", "/v1/invoices/$id/lines") | {"total_count": "#line_count"},
        "livemode": "#livemode",
        "metadata": {},
        "next_payment_attempt": "#next_attempt",
        "number": "#number",
        "on_behalf_of": None,
        "paid": "#paid",
        "paid_out_of_band": "#out_of_band",
        "payment_intent": "#payment_intent",
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": "#period_end",
        "period_start": "#period_start",
        "post_payment_credit_notes_amount": "#credited_after",
        "pre_payment_credit_notes_amount": "#credited_before",
        "quote": None,
        "receipt_number": None,
        "rendering_options": None,
        "shipping_cost": None,
        "shipping_details": None,
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
        "subscription_details": {"metadata": {}},
        "subtotal": "#subtotal",
        "subtotal_excluding_tax": "#subtotal",
        "tax": "#tax",
        "test_clock": None,
        "total": "#total",
        "total_discount_amounts": "#discount_amounts",
        "total_excluding_tax": "#total_excluding_tax",
        "total_tax_amounts": "#tax_amounts",
        "transfer_data": None,
        "webhooks_delivered_at": "#created",
    }
    if version < "2018-11-08":
        old = ("account_country", "account_name", "auto_advance", "customer_email", "customer_name")
        for name in (*old, "customer_tax_exempt", "status", "amount_paid", "amount_remaining"):
            del shape[name]
        for name in ("address", "phone", "shipping", "tax_ids"):
            del shape[f"customer_{name}"]
        del shape["custom_fields"]
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
            "account_tax_ids",
            "amount_shipping",
            "application",
            "automatic_tax",
            "discounts",
            "effective_at",
            "from_invoice",
            "last_finalization_error",
            "latest_revision",
            "on_behalf_of",
            "payment_settings",
            "quote",
            "rendering_options",
            "shipping_cost",
            "shipping_details",
            "subscription_details",
            "subtotal_excluding_tax",
            "test_clock",
            "total_discount_amounts",
            "total_excluding_tax",
            "transfer_data",
        ):
            del shape[name]
    if version >= BASIL:
        for name in (
            "application_fee_amount",
            "charge",
            "discount",
            "paid",
            "paid_out_of_band",
            "payment_intent",
            "quote",
            "rendering_options",
            "subscription",
            "subscription_details",
            "tax",
            "total_tax_amounts",
            "transfer_data",
        ):
            del shape[name]
        shape["amount_overpaid"] = 0
        shape["automatic_tax"] = {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        }
        shape["automatically_finalizes_at"] = None
        shape["issuer"] = {"type": "self"}
        shape["parent"] = {
            "quote_details": None,
            "subscription_details": {"metadata": {}, "subscription": "$subscription"},
            "type": "subscription_details",
        }
        shape["rendering"] = {
            "amount_tax_display": None,
            "pdf": {"page_size": "letter"},
            "template": None,
            "template_version": None,
        }
        shape["total_pretax_credit_amounts"] = []
        shape["total_taxes"] = "#taxes"
    return shape


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
    before, since = taxes(tax, net)
    return {
        "lines": f"[{','.join([line_text(line, invoice, subscription, style) for line in lines])}]",
        "line_count": str(len(lines)),
        "period_start": str(min(line.start for line in lines)),
        "period_end": str(max(line.end for line in lines)),
        "discount": first_discount(tuple(discounts.values()), style),
        "discounts": discount_ids(tuple(discounts.values())),
        "discount_amounts": discount_amounts(taken),
        "subtotal": str(subtotal),
        "tax": number(tax or None),
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
    page = f"{PAGES}/{it.id[3:]}"
    return _sums(it.lines, it.id, it.subscription, style) | {
        "id": it.id,
        "number": text(it.number) if it.finalized_at else "null",
        "page": f'"{page}?s=ap"' if it.finalized_at else "null",
        "pdf": f'"{page}/pdf?s=ap"' if it.finalized_at else "null",
        "customer": it.customer,
        "email": text(it.email),
        "subscription": it.subscription,
        "currency": it.currency,
        "created": str(it.created),
        "status": it.status,
        "reason": it.reason,
        "collection": "send_invoice" if it.by_invoice else "charge_automatically",
        "due_date": str(it.created + 30 * 86400) if it.by_invoice else "null",
        "attempts": str(it.attempts),
        "attempted": flag(it.attempts > 0 or is_paid),
        "auto_advance": flag(it.status in ("draft", "open")),
        "next_attempt": "null",
        "charge": text(it.charge),
        "payment_intent": text(it.payment_intent),
        "paid": flag(is_paid),
        "closed": flag(it.status in ("paid", "void", "uncollectible")),
        "forgiven": flag(it.status == "uncollectible"),
        "out_of_band": flag(it.is_out_of_band),
        "finalized_at": number(it.finalized_at),
        "paid_at": number(it.paid_at),
        "voided_at": number(it.voided_at),
        "uncollectible_at": number(it.uncollectible_at),
        "amount_due": str(due),
        "amount_paid": str(due if is_paid else 0),
        "amount_remaining": str(0 if is_paid else due),
        "starting_balance": str(it.balance),
        "ending_balance": str(min(0, it.balance + it.total)) if it.finalized_at else "null",
        "credited_before": str(it.credited),
        "credited_after": str(it.credited_after),
        "livemode": flag(style.livemode),
    }


@shape
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


def invoice_payment_values(payment: InvoicePayment, style: Style) -> Values:
    """Return the slots of an invoice payment."""
    return {
        "id": payment.id,
        "amount": str(payment.amount),
        "created": str(payment.created),
        "currency": payment.currency,
        "invoice": payment.invoice,
        "payment_intent": payment.payment_intent or "",
        "livemode": flag(style.livemode),
    }


@shape
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
        "amount_shipping": 0,
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
        "pdf": "https://pay.stripe.com/credit_notes/acct_1DogDBWarehouse/$id/pdf?s=ap",
        "reason": "order_change",
        "refund": "#refund",
        "shipping_cost": None,
        "status": "issued",
        "subtotal": "#amount",
        "subtotal_excluding_tax": "#amount",
        "tax_amounts": [],
        "total": "#amount",
        "total_excluding_tax": "#amount",
        "type": "$type",
        "voided_at": None,
    }
    if version < LATEST_CHARGE:
        del shape["effective_at"], shape["amount_shipping"], shape["shipping_cost"]
        del shape["subtotal_excluding_tax"], shape["total_excluding_tax"]
    if version < BASIL:
        line["tax_amounts"] = []
    else:
        del shape["refund"], shape["tax_amounts"]
        line["taxes"] = []
        shape["refunds"] = "#refunds"
        shape["total_taxes"] = []
    return shape


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
        "refund": text(refund.id) if refund else "null",
        "refunds": f'[{{"amount_refunded":{refund.amount},"refund":"{refund.id}"}}]'
        if refund
        else "[]",
        "livemode": flag(style.livemode),
    }

"""Money that moves: charges, payment intents, refunds, disputes."""

from functools import lru_cache

from dogdb.demo.objects import Charge, Dispute, PaymentIntent, Refund
from dogdb.demo.shapes.customers import CHECKS, billing_details, card_values, source_text
from dogdb.demo.shapes.template import (
    BASIL,
    CLOVER,
    LATEST_CHARGE,
    PAYMENT_METHOD,
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

DECLINES = {
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "insufficient_funds": "Your card has insufficient funds.",
}
"""Failure codes and the messages that come with them."""


@shape
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


def refund_values(refund: Refund, style: Style) -> Values:
    """Return the slots of a refund."""
    return {
        "id": refund.id,
        "amount": str(refund.amount),
        "balance_transaction": f"txn_{refund.id[3:]}",
        "charge": refund.charge,
        "created": str(refund.created),
        "currency": refund.currency,
        "payment_intent": text(refund.payment_intent),
        "reason": text(refund.reason),
    }


@shape
def charge(version: str) -> Shape:
    """Return a charge: card as `source`, then `payment_method_details`; no invoice since basil."""
    card: Shape = {
        "brand": "$brand",
        "checks": CHECKS,
        "country": "$country",
        "exp_month": "#exp_month",
        "exp_year": "#exp_year",
        "fingerprint": "$fingerprint",
        "funding": "$funding",
        "installments": None,
        "last4": "$last4",
        "mandate": None,
        "network": "$brand",
        "three_d_secure": None,
        "wallet": "#wallet",
    }
    outcome: Shape = {
        "network_status": "$network_status",
        "reason": "#failure_code",
        "risk_level": "normal",
        "seller_message": "$seller_message",
        "type": "$outcome",
    }
    shape: Shape = {
        "id": "$id",
        "object": "charge",
        "amount": "#amount",
        "amount_captured": "#amount_captured",
        "amount_refunded": "#amount_refunded",
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": "#balance_transaction",
        "billing_details": billing_details(None, version),
        "calculated_statement_descriptor": "DOGDB.EXAMPLE",
        "captured": "#paid",
        "created": "#created",
        "currency": "$currency",
        "customer": "$customer",
        "description": "$description",
        "disputed": "#disputed",
        "failure_balance_transaction": None,
        "failure_code": "#failure_code",
        "failure_message": "#failure_message",
        "fraud_details": {},
        "invoice": "#invoice",
        "livemode": "#livemode",
        "metadata": {},
        "on_behalf_of": None,
        "outcome": outcome,
        "paid": "#paid",
        "payment_intent": "#payment_intent",
        "payment_method": "$card",
        "payment_method_details": {"card": card, "type": "card"},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": "https://pay.stripe.com/receipts/payment/acct_1DogDBWarehouse/$id",
        "refunded": "#refunded",
        "refunds": listed("#refunds", "/v1/charges/$id/refunds") | {"total_count": "#refund_count"},
        "review": None,
        "shipping": None,
        "source": "#source",
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "$status",
        "transfer_data": None,
        "transfer_group": None,
    }
    if version < "2018-08-23":
        del shape["payment_intent"]
    if version < PAYMENT_METHOD:
        new = ("application_fee_amount", "calculated_statement_descriptor", "transfer_data")
        for name in ("billing_details", "payment_method", "payment_method_details", *new):
            del shape[name]
        del shape["receipt_url"], shape["statement_descriptor_suffix"]
        shape["order"] = None
    else:
        del shape["source"]
    if version < SINGLE_PRICE:
        del shape["amount_captured"], shape["failure_balance_transaction"]
        shape["dispute"] = None
    if version >= LATEST_CHARGE:
        del shape["refunds"]
        card["network_token"] = {"used": False}
    if version >= BASIL:
        del shape["invoice"]
        card |= {
            "amount_authorized": "#amount",
            "authorization_code": "#authorization",
            "extended_authorization": {"status": "disabled"},
            "incremental_authorization": {"status": "unavailable"},
            "multicapture": {"status": "unavailable"},
            "network_transaction_id": "#network_transaction",
            "overcapture": {"maximum_amount_capturable": "#amount", "status": "unavailable"},
            "regulated_status": "unregulated",
        }
        for name in ("advice_code", "network_advice_code", "network_decline_code"):
            outcome[name] = None
    return shape


@lru_cache(maxsize=64)
def charge_values(charge: Charge, style: Style) -> Values:
    """Return the slots of a charge."""
    it = charge
    is_paid = it.failure is None
    refunds = [fill("refund", refund_values(refund, style), style) for refund in it.refunds]
    return card_values(it.card) | {
        "id": it.id,
        "amount": str(it.amount),
        "amount_captured": str(it.amount) if is_paid else "0",
        "amount_refunded": str(it.refunded),
        "authorization": f'"{it.created % 1_000_000:06}"' if is_paid else "null",
        "network_transaction": f'"{it.created * 100_003:015}"' if is_paid else "null",
        "balance_transaction": f'"txn_{it.id[3:]}"' if is_paid else "null",
        "created": str(it.created),
        "currency": it.currency,
        "customer": it.customer,
        "description": "Subscription update" if it.invoice else "Payment",
        "disputed": flag(it.is_disputed),
        "failure_code": text(it.failure),
        "failure_message": text(DECLINES[it.failure]) if it.failure else "null",
        "invoice": text(it.invoice),
        "paid": flag(is_paid),
        "status": "succeeded" if is_paid else "failed",
        "payment_intent": text(it.payment_intent),
        "card": it.card.id,
        "source": source_text(it.card, it.customer, style),
        "network_status": "approved_by_network" if is_paid else "declined_by_network",
        "seller_message": "Payment complete." if is_paid else "The bank declined this payment.",
        "outcome": "authorized" if is_paid else "issuer_declined",
        "refunded": flag(it.refunded == it.amount),
        "refunds": f"[{','.join(refunds)}]",
        "refund_count": str(len(refunds)),
        "livemode": flag(style.livemode),
    }


@shape
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
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": "$client_secret",
        "charges": listed("#charges", "/v1/charges?payment_intent=$id") | {"total_count": 1},
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
        "review": None,
        "setup_future_usage": "off_session",
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "$intent_status",
        "transfer_data": None,
        "transfer_group": None,
    }
    if version < LATEST_CHARGE:
        del shape["latest_charge"]
    else:
        del shape["charges"]
    if version >= BASIL:
        del shape["invoice"]
        shape["payment_method_configuration_details"] = None
    if version >= CLOVER:
        shape["excluded_payment_method_types"] = None
    return shape


def payment_intent_values(intent: PaymentIntent, style: Style) -> Values:
    """Return the slots of a payment intent, most of them its charge's."""
    charge = intent.charge
    values = charge_values(charge, style)
    is_paid = charge.failure is None
    error = f'{{"code":"{charge.failure}","message":"{DECLINES.get(charge.failure or "")}",'
    return values | {
        "id": intent.id,
        "client_secret": f"{intent.id}_secret_{charge.card.fingerprint}",
        "charge": charge.id,
        "charges": f"[{fill('charge', values, style)}]",
        "error": "null" if is_paid else error + '"type":"card_error"}',
        "intent_status": "succeeded" if is_paid else "requires_payment_method",
        "payment_method": text(charge.card.id) if is_paid else "null",
    }


EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)
"""What may be handed in against a dispute."""


@shape
def dispute(version: str) -> Shape:
    """Return a dispute, its evidence not handed in."""
    shape: Shape = {
        "id": "$id",
        "object": "dispute",
        "amount": "#amount",
        "balance_transactions": "#balance_transactions",
        "charge": "$charge",
        "created": "#created",
        "currency": "$currency",
        "evidence": dict.fromkeys(EVIDENCE),
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
    if version >= BASIL:
        shape["enhanced_eligibility_types"] = []
    return shape


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
        "has_evidence": flag(is_answered),
        "submissions": "1" if is_answered else "0",
        "payment_intent": text(it.payment_intent),
        "reason": it.reason,
        "status": it.status,
        "livemode": flag(style.livemode),
    }

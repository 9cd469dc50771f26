"""The lines of invoices, with what discounts take off them and taxes put on them."""

from dogdb.demo.objects import Line
from dogdb.demo.shapes.prices import (
    discount_ids,
    plan_text,
    price_text,
    price_values,
)
from dogdb.demo.shapes.template import (
    BASIL,
    PAYMENT_METHOD,
    SINGLE_PRICE,
    Shape,
    Style,
    fill,
    flag,
    number,
    shape,
)

SINCE_PRICES = ("amount_excluding_tax", "proration_details")
"""Fields of a line from when it had a price until basil."""


@shape
def invoice_line(version: str) -> Shape:
    """Return an invoice's line: `plan`, then `price`, then `pricing.price_details` since basil."""
    shape: Shape = {
        "id": "$id",
        "object": "line_item",
        "amount": "#amount",
        "amount_excluding_tax": "#amount",
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
        "proration_details": {"credited_items": None},
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
        for name in ("discount_amounts", "discounts", "price", *SINCE_PRICES):
            del shape[name]
    if version >= BASIL:
        gone = ("plan", "price", "proration", "subscription", "subscription_item")
        for name in (*gone, "tax_amounts", "tax_rates", "type", *SINCE_PRICES):
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


def taxes(amount: int, taxable: int) -> tuple[str, str]:
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


def discount_amounts(amounts: dict[str, int]) -> str:
    """Return what each discount takes off, as JSON, by discount id."""
    parts = [f'{{"amount":{amount},"discount":"{name}"}}' for name, amount in amounts.items()]
    return f"[{','.join(parts)}]"


def line_text(line: Line, invoice: str, subscription: str, style: Style) -> str:
    """Return a line as JSON, with its invoice's and its subscription's ids."""
    taken = {discount.id: amount for discount, amount in line.discounted}
    before, since = taxes(line.tax, line.amount - sum(taken.values()))
    return fill(
        "invoice_line",
        {
            "id": line.id,
            "amount": str(line.amount),
            "currency": line.price.currency,
            "description": line.description,
            "discount_amounts": discount_amounts(taken),
            "discountable": flag(not line.is_proration),
            "discounts": discount_ids(tuple(discount for discount, _ in line.discounted)),
            "start": str(line.start),
            "end": str(line.end),
            "plan": plan_text(line.price, style),
            "price": price_text(line.price, style),
            "price_id": line.price.id,
            "product": line.price.product,
            "unit_amount_decimal": price_values(line.price, style)["unit_amount_decimal"],
            "proration": flag(line.is_proration),
            "quantity": number(line.quantity),
            "subscription": subscription,
            "item": line.item,
            "invoice": invoice,
            "parent": _line_parent(line, subscription),
            "tax_amounts": before,
            "taxes": since,
            "type": "invoiceitem" if line.is_proration else "subscription",
            "livemode": flag(style.livemode),
        },
        style,
    )

"""What Stripe does for one account: it bills, collects, gives back, and tells of each step.

A `Book` holds the account's objects as they are now, what was told (the events), and the truth: the
money that moved and every state a subscription had. The truth is never read from what is told.
Every operation happens at an instant `at` (Unix seconds), and instants never go back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from dogdb.demo.arithmetic import DAY, add_months, base62, period_after, rounded, share
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
    Refund,
    Subscription,
    Thing,
    changed,
)

UPDATED = "customer.subscription.updated"


class Money(NamedTuple):
    """A movement of money, in minor units, always above 0.

    `kind` is gross, out_of_band, refunds, disputes_opened, disputes_won or disputes_lost.
    """

    at: int
    account: str
    kind: str
    currency: str
    amount: int


class Change(NamedTuple):
    """From `at` on the subscription was so, and its customer had this discount."""

    at: int
    subscription: Subscription
    account: str


@dataclass(slots=True)
class Book:
    """One account at Stripe.

    Attributes:
        token: what makes its ids its own.
        is_lean: tell only of what matters (no drafts, no intents, no second name of one fact).
        happenings: what was told, in order.
        money: what was moved, in order.
        changes: every state of every subscription, in order.
        discounts: every customer's own discount, with the instants from which it held.
    """

    token: str
    is_lean: bool = False
    livemode: bool = True
    happenings: list[Happening] = field(default_factory=list)
    money: list[Money] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    discounts: dict[str, list[tuple[int, Discount | None]]] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    pending: dict[str, tuple[Line, ...]] = field(default_factory=dict)
    count: int = 0

    def new_id(self, prefix: str) -> str:
        """Return an id nobody else has."""
        self.count += 1
        return f"{prefix}_{self.token}{base62(self.count).rjust(3, '0')}"

    def tell(self, at: int, kind: str, thing: Thing, previous: Thing | None = None) -> None:
        """Record that something happened."""
        self.happenings.append(Happening(at, kind, thing, previous))

    # Customers

    def add_customer(
        self,
        at: int,
        currency: str = "usd",
        email: str | None = None,
        name: str | None = None,
        account_id: str | None = None,
    ) -> str:
        """Make a customer and return its id."""
        customer = Customer(self.new_id("cus"), at, currency, email, name, account_id)
        self.customers[customer.id] = customer
        self.tell(at, "customer.created", customer)
        return customer.id

    def change_customer(self, at: int, customer_id: str, **changes: object) -> None:
        """Change a customer's fields."""
        before = self.customers[customer_id]
        self.customers[customer_id] = after = changed(before, **changes)
        self.tell(at, "customer.updated", after, before)

    def set_card(self, at: int, customer_id: str, card: Card) -> None:
        """Put a card on file, in the place of the one before."""
        customer = self.customers[customer_id]
        if customer.card is not None:
            old = PaymentMethod(customer.card, customer_id, customer.email, at)
            self.tell(at, "payment_method.detached", old)
        method = PaymentMethod(card, customer_id, customer.email, at)
        self.tell(at, "payment_method.attached", method)
        self.change_customer(at, customer_id, card=card)

    def give_discount(
        self, at: int, coupon: Coupon, customer_id: str, subscription_id: str | None = None
    ) -> Discount:
        """Give a coupon to a customer or to one of its subscriptions, after those it has."""
        end = add_months(at, coupon.months) if coupon.months else None
        discount = Discount(self.new_id("di"), coupon, customer_id, at, end, subscription_id)
        self.tell(at, "customer.discount.created", discount)
        if subscription_id is None:
            self.discounts.setdefault(customer_id, []).append((at, discount))
            self.change_customer(at, customer_id, discount=discount)
        else:
            had = self.subscriptions[subscription_id].discounts
            self.change(at, subscription_id, discounts=(*had, discount))
        return discount

    def give_item_discount(self, at: int, coupon: Coupon, subscription_id: str) -> None:
        """Give a coupon to a subscription's first item."""
        subscription = self.subscriptions[subscription_id]
        first, *others = subscription.items
        end = add_months(at, coupon.months) if coupon.months else None
        discount = Discount(
            self.new_id("di"), coupon, subscription.customer, at, end, subscription_id, first.id
        )
        self.tell(at, "customer.discount.created", discount)
        item = changed(first, discounts=(*first.discounts, discount))
        self.change(at, subscription_id, items=(item, *others))

    def end_customer_discount(self, at: int, customer_id: str) -> None:
        """Take a customer's own discount away."""
        discount = self.customers[customer_id].discount
        if discount is None:
            return
        self.tell(at, "customer.discount.deleted", discount)
        self.discounts[customer_id].append((at, None))
        self.change_customer(at, customer_id, discount=None)

    # Subscriptions

    def account_of(self, customer_id: str) -> str:
        """Return whose customer it is: its metadata's account, else an account of its own."""
        return self.customers[customer_id].account_id or customer_id

    def _move(self, at: int, kind: str, thing: Invoice | Charge, amount: int) -> None:
        account = self.account_of(thing.customer)
        self.money.append(Money(at, account, kind, thing.currency, amount))

    def _keep(self, at: int, subscription: Subscription) -> None:
        self.subscriptions[subscription.id] = subscription
        self.changes.append(Change(at, subscription, self.account_of(subscription.customer)))

    def subscribe(
        self,
        at: int,
        customer_id: str,
        wanted: Sequence[tuple[Price, int | None]],
        status: str = "active",
        by_invoice: bool = False,
        trial_days: int = 0,
    ) -> str:
        """Begin a subscription and return its id; nothing is billed yet."""
        subscription_id = self.new_id("sub")
        items = tuple(Item(self.new_id("si"), price, count, at) for price, count in wanted)
        trial_end = at + trial_days * DAY if trial_days else None
        subscription = Subscription(
            id=subscription_id,
            customer=customer_id,
            created=at,
            anchor=trial_end or at,
            status="trialing" if trial_days else status,
            items=items,
            period_start=at,
            period_end=trial_end or period_after(items[0].price, at, at),
            by_invoice=by_invoice,
            trial_start=at if trial_days else None,
            trial_end=trial_end,
            latest_invoice=self.new_id("in"),
        )
        self._keep(at, subscription)
        self.tell(at, "customer.subscription.created", subscription)
        return subscription_id

    def change(
        self, at: int, subscription_id: str, kind: str = UPDATED, **changes: object
    ) -> Subscription:
        """Change a subscription's fields and return it."""
        before = self.subscriptions[subscription_id]
        after = changed(before, **changes)
        self._keep(at, after)
        is_plain = kind == UPDATED
        self.tell(at, kind, after, before if is_plain else None)
        return after

    def roll(self, at: int, subscription_id: str, **changes: object) -> Subscription:
        """Begin the next period; discounts that are over fall away."""
        it = self.subscriptions[subscription_id]
        kept = tuple(d for d in it.discounts if d.end is None or d.end > at)
        return self.change(
            at,
            subscription_id,
            period_start=it.period_end,
            period_end=period_after(it.items[0].price, it.anchor, it.period_end),
            discounts=kept,
            latest_invoice=self.new_id("in"),
            **changes,
        )

    def cancel(self, at: int, subscription_id: str) -> None:
        """End a subscription now."""
        it = self.subscriptions[subscription_id]
        canceled = it.canceled_at or at
        kind = "customer.subscription.deleted"
        self.change(at, subscription_id, kind, status="canceled", canceled_at=canceled, ended_at=at)
        self.pending.pop(subscription_id, None)

    def switch(
        self,
        at: int,
        subscription_id: str,
        price: Price,
        quantity: int | None,
        **changes: object,
    ) -> None:
        """Change the first item's price or quantity; the difference waits as proration lines.

        Another interval begins a new period now, to be billed at once.
        """
        it = self.subscriptions[subscription_id]
        old, *others = it.items
        new = changed(old, price=price, quantity=quantity)
        is_same = (price.interval, price.interval_count) == (
            old.price.interval,
            old.price.interval_count,
        )
        lines = []
        if it.status != "trialing":
            lines.append(self._proration(it, old, -1, at))
        if is_same:
            if lines:
                lines.append(self._proration(it, new, 1, at))
        elif it.status != "trialing":
            changes |= {"anchor": at, "period_start": at}
            changes["period_end"] = period_after(price, at, at)
        kept = [line for line in lines if line.amount]
        self.pending[subscription_id] = self.pending.get(subscription_id, ()) + tuple(kept)
        self.change(at, subscription_id, items=(new, *others), **changes)

    def _own_discount(self, customer_id: str) -> tuple[Discount, ...]:
        discount = self.customers[customer_id].discount
        return (discount,) if discount else ()

    def _proration(self, it: Subscription, item: Item, sign: int, at: int) -> Line:
        """Return the line for the rest of the period, percentages already off, as Stripe has it."""
        amount = rounded(item.price, item.quantity or 0)
        discounts = it.discounts or self._own_discount(it.customer)
        percentages = tuple(d for d in discounts if d.coupon.percent_off is not None)
        (taken,) = self._discounted([(item, amount)], percentages, at)
        amount -= sum(off for _, off in taken)
        word = "Unused" if sign < 0 else "Remaining"
        return Line(
            id=self.new_id("il"),
            amount=sign * share(amount, it.period_end - at, it.period_end - it.period_start),
            description=f"{word} time on {item.price.nickname}",
            price=item.price,
            item=item.id,
            quantity=item.quantity,
            start=at,
            end=it.period_end,
            is_proration=True,
        )

    # Invoices

    def _discounted(
        self, items: Iterable[tuple[Item, int]], discounts: tuple[Discount, ...], at: int
    ) -> list[tuple[tuple[Discount, int], ...]]:
        """Return for each line what each discount takes off it, in whole minor units."""
        result = []
        left = {d.id: d.coupon.amount_off or 0 for d in discounts}
        for item, amount in items:
            taken: list[tuple[Discount, int]] = []
            own = {d.id: d.coupon.amount_off or 0 for d in item.discounts}
            for discount, purse in [(d, own) for d in item.discounts] + [
                (d, left) for d in discounts
            ]:
                if discount.end is not None and discount.end <= at:
                    continue
                if discount.coupon.percent_off is not None:
                    part = Fraction(discount.coupon.percent_off) / 100
                    off = share(amount, part.numerator, part.denominator)
                else:
                    off = min(amount, purse[discount.id])
                    purse[discount.id] -= off
                amount -= off
                if off:
                    taken.append((discount, off))
            result.append(tuple(taken))
        return result

    def bill(
        self,
        at: int,
        subscription_id: str,
        reason: str = "subscription_cycle",
        usage: int = 0,
        tax_percent: int = 0,
        only_pending: bool = False,
    ) -> str:
        """Make an invoice of what waits and of the period that begins, and return its id.

        Args:
            at: Unix seconds.
            subscription_id: what is billed.
            reason: Stripe's `billing_reason`.
            usage: units used of each metered price in the period before.
            tax_percent: tax on top, whole percent.
            only_pending: leave the period's own lines out.
        """
        it = self.subscriptions[subscription_id]
        customer = self.customers[it.customer]
        lines = list(self.pending.pop(subscription_id, ()))
        if not only_pending:
            lines += self._period_lines(at, it, usage)
        if tax_percent:
            lines = [
                changed(line, tax=share(line.amount - line.taken, tax_percent, 100))
                for line in lines
            ]
        is_first = it.latest_invoice not in self.invoices and not only_pending
        invoice = Invoice(
            id=it.latest_invoice if is_first else self.new_id("in"),
            number=f"{customer.id[-8:].upper()}-{len(self.invoices) + 1:04d}",
            customer=customer.id,
            email=customer.email,
            subscription=subscription_id,
            currency=it.currency,
            created=at,
            lines=tuple(lines),
            total=sum(line.amount + line.tax - line.taken for line in lines),
            reason=reason,
            by_invoice=it.by_invoice,
            balance=customer.balance,
        )
        self.invoices[invoice.id] = invoice
        if not self.is_lean:
            self.tell(at, "invoice.created", invoice)
        self._spend_once(at, it)
        return invoice.id

    def _period_lines(self, at: int, it: Subscription, usage: int) -> list[Line]:
        trial = it.status == "trialing"
        amounts = []
        for item in it.items:
            quantity = usage if item.price.is_metered else item.quantity
            amounts.append((item, 0 if trial else rounded(item.price, quantity or 0)))
        discounts = it.discounts or self._own_discount(it.customer)
        taken = self._discounted(amounts, discounts, at)
        return [
            Line(
                id=self.new_id("il"),
                amount=amount,
                description=f"{item.quantity or usage} × {item.price.nickname}",
                price=item.price,
                item=item.id,
                quantity=usage if item.price.is_metered else item.quantity,
                start=it.period_start,
                end=it.period_end,
                discounted=off,
            )
            for (item, amount), off in zip(amounts, taken, strict=True)
        ]

    def _spend_once(self, at: int, it: Subscription) -> None:
        """Take away the discounts that were for one invoice."""
        kept = tuple(d for d in it.discounts if d.coupon.duration != "once")
        if len(kept) < len(it.discounts):
            for discount in it.discounts:
                if discount.coupon.duration == "once":
                    self.tell(at, "customer.discount.deleted", discount)
            self.change(at, it.id, discounts=kept)

    def _set_invoice(
        self, at: int, invoice_id: str, kinds: Sequence[str], **changes: object
    ) -> Invoice:
        invoice = changed(self.invoices[invoice_id], **changes)
        self.invoices[invoice_id] = invoice
        for kind in kinds:
            self.tell(at, kind, invoice)
        return invoice

    def finalize(self, at: int, invoice_id: str) -> Invoice:
        """Make a draft final; one that asks for nothing is paid at once."""
        invoice = self.invoices[invoice_id]
        after = min(0, invoice.balance + invoice.total)
        kinds = [] if self.is_lean and not invoice.by_invoice else ["invoice.finalized"]
        invoice = self._set_invoice(at, invoice_id, kinds, status="open", finalized_at=at)
        if after != invoice.balance:
            self.change_customer(at, invoice.customer, balance=after)
        if invoice.amount_due == 0:
            self._paid(at, invoice_id)
        return self.invoices[invoice_id]

    def _paid(self, at: int, invoice_id: str, **changes: object) -> None:
        kinds = ["invoice.paid"] if self.is_lean else ["invoice.paid", "invoice.payment_succeeded"]
        self._set_invoice(at, invoice_id, kinds, status="paid", paid_at=at, **changes)

    def pay_out_of_band(self, at: int, invoice_id: str) -> None:
        """Note that an invoice was paid outside Stripe (a bank transfer)."""
        invoice = self.invoices[invoice_id]
        self._move(at, "out_of_band", invoice, invoice.amount_due)
        self._paid(at, invoice_id, is_out_of_band=True)

    def collect(
        self, at: int, invoice_id: str, failure: str | None = None, has_payment: bool = False
    ) -> Charge:
        """Charge the customer's card for an invoice.

        Args:
            at: Unix seconds.
            invoice_id: an open invoice with something due.
            failure: the code with which the bank declines; None where it pays.
            has_payment: also tell of the invoice payment, as versions since basil do.
        """
        invoice = self.invoices[invoice_id]
        card = self.customers[invoice.customer].card
        intent = invoice.payment_intent or self.new_id("pi")
        charge = Charge(
            id=self.new_id("ch"),
            amount=invoice.amount_due,
            currency=invoice.currency,
            customer=invoice.customer,
            created=at,
            card=card,
            invoice=invoice_id,
            payment_intent=intent,
            failure=failure,
        )
        self.charges[charge.id] = charge
        self.tell(at, "charge.failed" if failure else "charge.succeeded", charge)
        if not self.is_lean:
            kind = "payment_intent.payment_failed" if failure else "payment_intent.succeeded"
            self.tell(at, kind, PaymentIntent(intent, charge))
        common = {
            "charge": charge.id,
            "payment_intent": intent,
            "attempts": invoice.attempts + 1,
        }
        if failure:
            self._set_invoice(at, invoice_id, ["invoice.payment_failed"], **common)
            return charge
        self._move(at, "gross", charge, charge.amount)
        if has_payment:
            payment_id = self.new_id("inpay")
            payment = InvoicePayment(
                payment_id, invoice_id, charge.amount, charge.currency, at, intent
            )
            self.tell(at, "invoice_payment.paid", payment)
        self._paid(at, invoice_id, **common)
        return charge

    def charge_alone(self, at: int, customer_id: str, amount: int) -> Charge:
        """Charge a customer's card without an invoice."""
        customer = self.customers[customer_id]
        charge = Charge(
            self.new_id("ch"), amount, customer.currency, customer_id, at, customer.card
        )
        self.charges[charge.id] = charge
        self._move(at, "gross", charge, amount)
        self.tell(at, "charge.succeeded", charge)
        return charge

    def void(self, at: int, invoice_id: str) -> None:
        """Void an open invoice."""
        self._set_invoice(at, invoice_id, ["invoice.voided"], status="void", voided_at=at)

    def give_up(self, at: int, invoice_id: str) -> None:
        """Mark an open invoice uncollectible."""
        kinds = ["invoice.marked_uncollectible"]
        self._set_invoice(at, invoice_id, kinds, status="uncollectible", uncollectible_at=at)

    def credit(self, at: int, invoice_id: str, amount: int, refund: Refund | None = None) -> None:
        """Take something off a final invoice, with a refund where it is paid."""
        invoice = self.invoices[invoice_id]
        note = CreditNote(
            id=self.new_id("cn"),
            number=f"{invoice.number}-CN-01",
            invoice=invoice_id,
            line=invoice.lines[0].id,
            customer=invoice.customer,
            amount=amount,
            currency=invoice.currency,
            created=at,
            refund=refund,
        )
        self.tell(at, "credit_note.created", note)
        if invoice.status == "paid":
            changes = {"credited_after": invoice.credited_after + amount}
        else:
            changes = {"credited": invoice.credited + amount}
        self._set_invoice(at, invoice_id, ["invoice.updated"], **changes)

    # Money back

    def refund(self, at: int, charge_id: str, amount: int, has_object: bool = True) -> Refund:
        """Give money of a charge back.

        Args:
            at: Unix seconds.
            charge_id: a charge that succeeded.
            amount: minor units, at most what is left of it.
            has_object: tell of the refund itself too, and not only of the charge.
        """
        before = self.charges[charge_id]
        refund = Refund(
            self.new_id("re"), charge_id, amount, before.currency, at, before.payment_intent
        )
        self.charges[charge_id] = after = changed(before, refunds=(*before.refunds, refund))
        self._move(at, "refunds", before, amount)
        if has_object:
            self.tell(at, "refund.created", refund)
        self.tell(at, "charge.refunded", after, before)
        return refund

    def open_dispute(self, at: int, charge_id: str) -> Dispute:
        """Open a dispute about a whole charge; Stripe takes the money at once."""
        before = self.charges[charge_id]
        self.charges[charge_id] = after = changed(before, is_disputed=True)
        dispute = Dispute(
            id=self.new_id("dp"),
            charge=charge_id,
            amount=before.amount,
            currency=before.currency,
            created=at,
            payment_intent=before.payment_intent,
        )
        self._move(at, "disputes_opened", before, before.amount)
        self.tell(at, "charge.dispute.created", dispute)
        if not self.is_lean:
            self.tell(at, "charge.updated", after, before)
        return dispute

    def close_dispute(self, at: int, dispute: Dispute, is_won: bool) -> None:
        """Close a dispute, won or lost."""
        status = "won" if is_won else "lost"
        self._move(at, f"disputes_{status}", self.charges[dispute.charge], dispute.amount)
        self.tell(at, "charge.dispute.closed", changed(dispute, status=status))

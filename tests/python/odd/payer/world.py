"""What happens in a company of odd payers, and what of it is true.

The simulation keeps a log of what Stripe tells, and apart from it what was really paid, given
back, disputed, billed and renewed.
"""

import contextlib
import copy
import random
from dataclasses import dataclass, field
from datetime import date

from odd.calendar import DAY, add_months, instant, month_of, months_between, shift
from odd.money import make_rates

CURRENCIES = {"usd": 50, "eur": 20, "jpy": 12, "kwd": 10, "chf": 8}
MOMENT = 8
"""How many seconds apart two refunds are that could be taken for each other."""

PLANS = {"Free": 0, "Medium": 5_000, "Team": 12_000, "Enterprise": 50_000}
STATUS, DETAILS, PRICES, NO_LIST, BASIL, DAHLIA = 2, 3, 4, 5, 7, 8
"""Of `render.VERSIONS` those that brought something, or in which something is gone."""

Account = int | str
"""A number, or the id of a customer that is an account of its own."""

State = dict
"""One object of Stripe's at one instant, in words of our own."""


@dataclass(frozen=True)
class Change:
    """Something happened to an object: its state after and before, and the events of it."""

    at: int
    kind: str
    types: tuple[str, ...]
    state: State
    before: State | None


@dataclass(frozen=True)
class Move:
    """A movement of money, in minor units."""

    kind: str
    object_id: str
    charge: str | None
    customer: str | None
    amount: int
    currency: str
    at: int
    method: str | None


@dataclass
class Period:
    """A billed period of a subscription."""

    start: int
    end: int
    plan: str
    amount: int
    invoice: State

    @property
    def is_paid(self) -> bool:
        return self.amount > 0 and self.invoice["status"] == "paid"

    @property
    def is_settled(self) -> bool:
        """Whether it will not be paid any more."""
        return self.amount == 0 or self.invoice["status"] in ("void", "uncollectible")


@dataclass
class Subscription:
    """The truth about a subscription."""

    state: State
    periods: list[Period] = field(default_factory=list)
    mrr: list[tuple[int, bool]] = field(default_factory=list)
    ended_at: int | None = None


@dataclass
class Customer:
    """A customer of Stripe's, and the account it belongs to: a number, or one of its own."""

    state: State
    account: int | str
    currency: str
    is_told: bool
    methods: list[State] = field(default_factory=list)
    balance: int = 0

    @property
    def id(self) -> str:
        """Stripe's id."""
        return self.state["id"]


OLD_METHODS = {"card": "card", "apple_old": "card", "bank_account": "ba", "source": "src"}
METHODS = {"card": "pm", "apple_pay": "pm", "google_pay": "pm", "sepa_debit": "pm"}
METHODS |= {"us_bank_account": "pm", "link": "pm", "card_old": "card"}
"""How customers pay, and how the ids of it begin."""


class EndError(Exception):
    """The rest lies after the end of the simulation."""


def net_of(line: State) -> int:
    """What is left of an invoice line after discounts."""
    return line["amount"] - sum(amount for amount, _ in line["discounts"])


class World:
    """The company. Each account is simulated on a random stream of its own."""

    def __init__(self, seed: int, accounts: int, months: int) -> None:
        self.seed, self.start = seed, instant(date(2019, 10, 5))
        self.end = add_months(self.start, months) + 13 * DAY
        self.rates = make_rates(seed, months_between(month_of(self.start), month_of(self.end)))
        self.log: list[Change] = []
        self.moves: list[Move] = []
        self.invoices: list[State] = []
        self.customers: list[Customer] = []
        self.subscriptions: list[Subscription] = []
        self.accounts: list[tuple[int, str]] = []
        self._states: dict[str, State] = {}
        self._clock: dict[str, int] = {}
        self.rng, self.account, self._number = random.Random(f"{seed} world"), 0, 0
        shapes = [*sorted(self.rng.sample(range(1, 8), self.rng.randint(4, 7))), 8]
        span = self.end - self.start
        cuts = sorted(self.start + int(span * self.rng.uniform(0.08, 0.95)) for _ in shapes)
        self.shapes = [(0, 0), *zip(cuts, shapes, strict=True)]
        self._prices()
        for number in range(1, accounts + 1):
            self.rng, self.account, self._number = random.Random(f"{seed} {number}"), number, 0
            self._account(number)

    # --- small things -----------------------------------------------------------------

    def shape(self, at: int) -> int:
        """The index of the API version in force."""
        return max(shape for since, shape in self.shapes if since <= at)

    def new_id(self, prefix: str) -> str:
        """A fresh id."""
        self._number += 1
        return f"{prefix}_{self.seed}A{self.account}N{self._number}"

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def later(self, at: int, low: float, high: float) -> int:
        """An instant so many days later, at times the first of a month or a second before."""
        then = at + int(self.rng.uniform(low, high) * DAY)
        if self.rng.random() < 0.12 and high >= 1:
            edge = instant(shift(month_of(then), 1)) - self.rng.randint(0, 1)
            then = edge if edge - at < 40 * DAY else then
        return then

    def clock(self, state: State) -> int:
        """When something happened to the object last; 0: never."""
        return self._clock.get(state["id"], 0)

    def tell(self, at: int, kind: str, state: State, *types: str) -> None:
        """Log a change; without types it happens silently. Raises EndError after the end."""
        if at >= self.end:
            raise EndError
        if at < self.clock(state):
            raise ValueError(f"{state['id']} goes back in time")
        self._clock[state["id"]] = at
        before = self._states.get(state["id"])
        after = copy.deepcopy(state)
        self._states[state["id"]] = after
        if types:
            self.log.append(Change(at, kind, types, after, before))

    # --- accounts, customers, methods -------------------------------------------------

    def _prices(self) -> None:
        for name in PLANS:
            product = {"id": f"prod_{name}", "name": name, "created": self.start}
            self.tell(self.start, "product", product, "product.created")
            for currency in CURRENCIES:
                for interval in ("month", "year"):
                    self.tell(
                        self.start, "plan", self.price(name, currency, interval), "plan.created"
                    )

    def price(self, plan: str, currency: str, interval: str) -> State:
        """The price of a plan."""
        return {
            "id": f"price_{plan}_{currency}_{interval}",
            "plan": plan,
            "amount": PLANS[plan] * (10 if interval == "year" else 1),
            "currency": currency,
            "interval": interval,
            "created": self.start,
        }

    def _account(self, number: int) -> None:
        """All that happens to an account; what would happen after the end does not."""
        signed_up = self.start + int(self.rng.random() ** 1.3 * (self.end - self.start) * 0.9)
        if not self.chance(0.05):
            self.accounts.append((number, f"a{number}@example.com"))
        until_end = contextlib.suppress(EndError)
        for _ in range(self.rng.choice([1, 1, 1, 2])):
            customer = self._customer(number, signed_up)
            if customer is None:
                continue
            jobs = (self._subscriptions, self._one_off_charge, self._one_off_invoice)
            for job in self.rng.choices(jobs, (6, 3, 2), k=self.rng.randint(1, 4)):
                with until_end:
                    job(customer, self.later(signed_up, 0, 200))
            with until_end:
                self._customer_later(customer, signed_up)
        if self.chance(0.15):
            with until_end:
                self._one_off_charge(None, self.later(signed_up, 0, 100))

    def _customer(self, number: int, at: int) -> Customer | None:
        link = self.rng.choices(
            ["metadata", "later", "none", "email", "silent", "odd"], [75, 8, 6, 5, 3, 3]
        )[0]
        known = any(number == account for account, _ in self.accounts)
        state = {
            "id": self.new_id("cus"),
            "created": at,
            "email": f"a{number}@example.com" if link == "email" else f"x{number}@other.org",
            "metadata": {"account_id": str(number)} if link == "metadata" else {},
            "deleted": False,
        }
        if link == "odd":
            state["metadata"] = {"account_id": self.rng.choice(["none", "", "12x"])}
        currency = self.rng.choices(list(CURRENCIES), list(CURRENCIES.values()))[0]
        is_linked = link in ("metadata", "later") or (link == "email" and known)
        customer = Customer(state, number if is_linked else state["id"], currency, link != "silent")
        try:
            if link != "silent":
                self.tell(at, "customer", state, "customer.created")
            if link == "later":
                state["metadata"] = {"account_id": str(number)}
                self.tell(self.later(at, 0, 30), "customer", state, "customer.updated")
        except EndError:
            return None
        self.customers.append(customer)
        for _ in range(self.rng.randint(1, 3)):
            try:
                self._method(customer, at + self.rng.choice([0, 0, 60, 40 * DAY]))
            except EndError:
                break
        if not customer.methods:
            return None
        return customer

    def _customer_later(self, customer: Customer, at: int) -> None:
        if not customer.is_told:
            return
        if self.chance(0.3):
            customer.state["email"] = f"y{customer.id}@other.org"
            then = max(self.later(at, 40, 400), self.clock(customer.state))
            self.tell(then, "customer", customer.state, "customer.updated")
            if not customer.state["metadata"]:  # Only the address told whose it was.
                customer.account = customer.id
        if self.chance(0.06):
            customer.state["deleted"] = True
            then = max(self.later(at, 401, 600), self.clock(customer.state))
            self.tell(then, "customer", customer.state, "customer.deleted")

    def _method(self, customer: Customer | None, at: int) -> State:
        kinds = OLD_METHODS if self.shape(at) < DETAILS else METHODS
        kind = self.rng.choice(list(kinds))
        prefix = kinds[kind]
        month = self.rng.randint(1, 12)
        state = {
            "id": self.new_id(prefix),
            "kind": kind,
            "created": at,
            "customer": customer.id if customer else None,
            "last4": f"{self.rng.randint(0, 9999):04d}",
            "brand": self.rng.choice(["visa", "mastercard", "amex"]),
            "exp": (2023 + self.rng.randint(0, 3), month),
            "is_detached": False,
        }
        if customer is None:
            return state
        if self.chance(0.6) and customer.is_told:
            if prefix in ("card", "ba", "src") and kind != "card_old":
                created, gone = "customer.source.created", "customer.source.deleted"
                changed = "customer.source.updated"
            else:
                created, gone = "payment_method.attached", "payment_method.detached"
                changed = "payment_method.updated"
            self.tell(at, "method", state, created)
            try:
                if self.chance(0.15) and "card" in kind:
                    state["exp"] = (2027, month)
                    self.tell(self.later(at, 30, 300), "method", state, changed)
                if self.chance(0.1):
                    state["is_detached"] = True
                    then = max(self.later(at, 301, 600), self.clock(state))
                    self.tell(then, "method", state, gone)
            except EndError:
                state.update(self._states[state["id"]])
        customer.methods.append(state)
        return state

    # --- charges ----------------------------------------------------------------------

    def _amount(self) -> int:
        return 100 * self.rng.randint(5, 900)

    def _one_off_charge(self, customer: Customer | None, at: int) -> None:
        method = self.rng.choice(customer.methods) if customer else self._method(None, at)
        currency = customer.currency if customer else self.rng.choice(list(CURRENCIES))
        for _ in range(self.rng.randint(1, 5)):
            self.charge(customer, currency, self._amount(), at, method, None)
            at = self.later(at, 1, 75)

    def charge(
        self,
        customer: Customer | None,
        currency: str,
        amount: int,
        at: int,
        method: State,
        invoice: str | None,
    ) -> tuple[int | None, str]:
        """Charge; returns when it succeeded (None: it did not) and the charge's id."""
        state = {
            "id": self.new_id("ch"),
            "amount": amount,
            "captured": amount,
            "amount_refunded": 0,
            "created": at,
            "currency": currency,
            "customer": customer.id if customer else None,
            "invoice": invoice,
            "intent": self.new_id("pi"),
            "method": dict(method),
            "status": "succeeded",
            "is_captured": True,
            "disputed": False,
            "note": None,
            "refunds": [],
            "has_list": not self.chance(0.3),
        }
        way = self.rng.choices(
            ["direct", "failed", "same", "pending", "lost", "hold"],
            [74, 6, 4, 9, 3, 0 if invoice else 9],
        )[0]
        done = None
        with contextlib.suppress(EndError):
            done = self._charge_way(state, way, at)
        if done is None:
            return None, state["id"]
        self._move("charge", state, state["id"], state["captured"], at)
        with contextlib.suppress(EndError):
            self._after_charge(state, done)
        return done, state["id"]

    def _move(self, kind: str, charge: State, name: str, amount: int, at: int) -> None:
        """Note a movement of a charge's money."""
        who, currency, method = charge["customer"], charge["currency"], charge["method"]["id"]
        self.moves.append(Move(kind, name, charge["id"], who, amount, currency, at, method))

    def _charge_way(self, state: State, way: str, at: int) -> int | None:
        """When a charge succeeds that does so by such a way; None: it does not."""
        if way in ("failed", "same"):
            state["status"] = "failed"
            self.tell(at, "charge", state, "charge.failed")
            if way == "failed":
                return None
            at = self.later(at, 0, 4) if self.chance(0.7) else at
            state["status"] = "succeeded"
        if way in ("pending", "lost"):
            state["status"] = "pending"
            self.tell(at, "charge", state, "charge.pending")
            at = self.later(at, 1, 9) if self.chance(0.85) else at
            state["status"] = "succeeded" if way == "pending" else "failed"
            self.tell(at, "charge", state, f"charge.{state['status']}")
            return at if way == "pending" else None
        if way == "hold":
            return self._hold(state, at)
        self.tell(at, "charge", state, "charge.succeeded")
        return at

    def _hold(self, state: State, at: int) -> int | None:
        state["is_captured"], state["captured"] = False, 0
        self.tell(at, "charge", state, "charge.succeeded")
        end = self.rng.choice(["full", "full", "part", "released", "expired", "kept"])
        if end == "kept":
            return None
        at = self.later(at, 0.1, 6)
        if end in ("released", "expired"):
            state["amount_refunded"] = state["amount"]
            if end == "released":
                state["refunds"].append(self._about("re", state, state["amount"], at))
            told = "charge.refunded" if end == "released" else "charge.expired"
            self.tell(at, "charge", state, told)
            return None
        state["is_captured"], state["captured"] = True, state["amount"]
        if end == "part":
            state["captured"] = state["amount"] * self.rng.randint(1, 9) // 10
            state["amount_refunded"] = state["amount"] - state["captured"]
            state["refunds"].append(self._about("re", state, state["amount_refunded"], at))
        self.tell(at, "charge", state, "charge.captured")
        return at

    def _after_charge(self, state: State, at: int) -> None:
        if self.chance(0.15):
            state["note"] = "seen"
            at = self.later(at, 0, 20)
            self.tell(at, "charge", state, "charge.updated")
        fate = self.rng.random()
        then = self.later(at, 0, 70) if self.chance(0.85) else at
        if fate < 0.22:
            self._refunds(state, then)
        elif fate < 0.32:
            self._dispute(state, then)
            if self.chance(0.1):
                self._refunds(state, self.later(then, 1, 20))
        if self.chance(0.2):
            state["note"] = "late"
            then = self.later(max(at, self.clock(state)), 80, 300)
            self.tell(then, "charge", state, "charge.updated")

    def _about(self, prefix: str, charge: State, amount: int, at: int) -> State:
        """A refund or a dispute of a charge."""
        same = {name: charge[name] for name in ("intent", "currency")}
        state = {"id": self.new_id(prefix), "amount": amount, "charge": charge["id"]}
        return state | same | {"created": at, "status": "succeeded", "note": None}

    def _refunds(self, charge: State, at: int) -> None:
        left = charge["captured"]
        for _ in range(self.rng.choice([1, 2, 3])):
            amount = left if self.chance(0.3) else max(1, left * self.rng.randint(1, 8) // 10)
            if amount > left or left == 0:
                break
            gone = self._refund(charge, amount, at)
            left -= gone
            at = self.later(at, 1, 45) if self.chance(0.7) else at + self.rng.choice([0, 0, 1])
            if not gone:
                at = max(at, self.clock(charge) + 1)

    def _refund(self, charge: State, amount: int, at: int) -> int:
        """Give some back; returns what is gone for good.

        What fails was given in a second in which nothing else happened to the charge, and fails in
        another: of amounts that come and go in one second it is not known whose they are. Nor is
        it, where of two refunds of one moment the charge tells only one, or nothing else tells of
        the first and both are of one amount. Of a failure the charge tells only where it told of
        the refund.
        """
        nameless = charge.setdefault("nameless_until", {})
        at = max(at, charge.get("silent_until", 0), nameless.get(amount, 0))
        fails = self.chance(0.12) and at > self.clock(charge)
        at = max(at, self.clock(charge))
        shape = self.shape(at)
        refund = self._about("re", charge, amount, at)
        if self.chance(0.25):
            refund["status"] = "pending"
        modes = ["both", "both", "object", "amount", "amount+updated"]
        if shape == NO_LIST or (shape < NO_LIST and not charge["has_list"]):
            modes = ["amount", "amount", "amount+updated"]
        elif shape < NO_LIST:
            modes = ["list", "list", "list+updated"]
        mode = self.rng.choice(modes)
        if mode == "object" and at < self.clock(charge) + MOMENT:
            mode = "both"
        if mode == "object":
            charge["silent_until"] = at + MOMENT
        if mode == "amount":
            nameless[amount] = at + MOMENT
        lag = 0 if mode.startswith("amount") else self.rng.choice([0, 0, 0, 1, 2])
        told_before = mode in ("both", "object")
        first = self.chance(0.5)
        if told_before and first:
            self.tell(at, "refund", refund, "refund.created")
        charge["amount_refunded"] += amount
        charge["refunds"].append(refund)
        try:
            types = () if mode == "object" else ("charge.refunded",)
            self.tell(at + lag, "charge", charge, *types)
        except EndError:
            charge["amount_refunded"] -= amount
            charge["refunds"].remove(refund)
            if not (told_before and first):
                raise
        if told_before and not first:
            self.tell(at, "refund", refund, "refund.created")
        index = len(self.moves)
        self._move("refund", charge, refund["id"], amount, at)
        changed = "refund.updated" if shape >= 6 else "charge.refund.updated"
        then = self.later(at, 0.5, 25) if self.chance(0.8) else at
        then = max(then, self.clock(charge))
        if fails:
            then = max(then, self.clock(charge) + 1)
            before = copy.deepcopy(refund)
            charge_before = charge["amount_refunded"]
            refund["status"] = self.rng.choice(["failed", "failed", "canceled"])
            charge["amount_refunded"] -= amount
            types = (changed,) if shape < 6 or self.chance(0.5) else ("refund.failed", changed)
            try:
                self.tell(then, "refund", refund, *types)
            except EndError:
                refund.update(before)
                charge["amount_refunded"] = charge_before
                raise
            del self.moves[index]
            tells = ("charge.updated",) if self.chance(0.5) and mode != "object" else ()
            self.tell(then, "charge", charge, *tells)
            return 0
        if mode.endswith("updated") or refund["status"] == "pending":
            refund["status"] = "succeeded"
            self.tell(then, "refund", refund, changed)
        return amount

    def _dispute(self, charge: State, at: int) -> None:
        amount = charge["captured"] if self.chance(0.8) else charge["captured"] // 2 or 1
        kind = self.rng.choice(["won", "won", "lost", "lost", "warning", "escalated", "open"])
        warns = kind in ("warning", "escalated")
        dispute = self._about("dp", charge, amount, at)
        dispute["status"] = "warning_needs_response" if warns else "needs_response"
        self.tell(at, "dispute", dispute, "charge.dispute.created")
        charge["disputed"] = True
        types = ("charge.updated",) if self.chance(0.5) else ()
        self.tell(max(at, self.clock(charge)), "charge", charge, *types)
        withdrawn = "charge.dispute.funds_withdrawn"
        if not warns:
            self._move("dispute", charge, dispute["id"], amount, at)
            self.tell(at + self.rng.choice([0, 7000]), "dispute", dispute, withdrawn)
        then = self.later(at, 2, 40)
        dispute["status"] = "warning_under_review" if warns else "under_review"
        self.tell(then, "dispute", dispute, "charge.dispute.updated")
        if kind == "escalated":
            then = self.later(then, 2, 20)
            dispute["status"] = "needs_response"
            self.tell(then, "dispute", dispute, "charge.dispute.updated", withdrawn)
            self._move("dispute", charge, dispute["id"], amount, at)
        if kind == "open":
            return
        then = self.later(then, 2, 60) if self.chance(0.85) else then
        outcome = {"warning": "warning_closed", "escalated": "lost"}.get(kind, kind)
        if kind == "escalated" and self.chance(0.4):
            outcome = "won"
        dispute["status"] = outcome
        self.tell(then, "dispute", dispute, "charge.dispute.closed")
        if outcome in ("won", "lost"):
            self._move(f"dispute_{outcome}", charge, dispute["id"], amount, then)
        if outcome == "won":
            back = then if self.chance(0.5) else self.later(then, 0, 5)
            self.tell(back, "dispute", dispute, "charge.dispute.funds_reinstated")
        if self.chance(0.2):
            dispute["note"] = "filed"
            then = max(self.later(then, 5, 40), self.clock(dispute))
            self.tell(then, "dispute", dispute, "charge.dispute.updated")

    # --- invoices ---------------------------------------------------------------------

    def line(self, amount: int, start: int, end: int, **more: object) -> State:
        """A line of an invoice, in minor units, before discounts and taxes."""
        return {
            "id": self.new_id("il"),
            "amount": amount,
            "discounts": [],
            "tax": 0,
            "inclusive": False,
            "start": start,
            "end": end,
            "proration": False,
            "price": None,
            "subscription": None,
            "quantity": 1,
        } | more

    def _one_off_invoice(self, customer: Customer, at: int) -> None:
        for _ in range(self.rng.randint(1, 3)):
            lines = []
            for _ in range(self.rng.randint(1, 3)):
                start = at + self.rng.choice([0, 0, -20, 10]) * DAY
                length = self.rng.choice([0, 0, 3600, 7 * DAY, 45 * DAY, 400 * DAY])
                lines.append(self.line(self._amount(), start, start + length))
            if self.chance(0.1):
                lines = [self.line(0, at, at)]
            elif self.chance(0.1):
                lines = [self.line(-self._amount(), at, at + 10 * DAY)]
            self.invoice(customer, lines, at)
            at = self.later(at, 5, 90)

    def invoice(
        self,
        customer: Customer,
        lines: list[State],
        at: int,
        subscription: str | None = None,
        way: str | None = None,
    ) -> State:
        """Bill; the state that comes back goes on living until the end."""
        shape = self.shape(at)
        self._reduce(lines, shape, at)
        taxes = sum(line["tax"] for line in lines if not line["inclusive"])
        total = sum(map(net_of, lines)) + taxes
        state = {
            "id": self.new_id("in"),
            "customer": customer.id,
            "currency": customer.currency,
            "subscription": subscription,
            "created": at,
            "finalized_at": None,
            "paid_at": None,
            "voided_at": None,
            "uncollectible_at": None,
            "status": "draft" if shape >= STATUS else "open",
            "total": total,
            "due": total,
            "starting": customer.balance,
            "ending": None,
            "charge": None,
            "intent": None,
            "oob": False,
            "note": None,
            "attempts": 0,
            "lines": lines,
        }
        self.invoices.append(state)
        before = copy.deepcopy(state)
        try:
            self._invoice_life(customer, state, at, shape, way)
        except EndError:
            last = self._states.get(state["id"])
            if last is None:
                self.invoices.remove(state)
                state.update(before, status="never")
            else:
                state.update(copy.deepcopy(last))
        return state

    def _reduce(self, lines: list[State], shape: int, at: int) -> None:
        """Discounts and taxes."""
        plain = [line for line in lines if not line["proration"] and line["amount"] > 0]
        if self.chance(0.25) and plain:
            percent = self.rng.choice([10, 20, 25, 50])
            for line in plain:
                if shape >= PRICES and self.chance(0.3):
                    continue
                line["discounts"].append((line["amount"] * percent // 100, f"di_{percent}"))
                if shape >= PRICES and self.chance(0.2):
                    line["discounts"].append((line["amount"] // 100 * 7, "di_two"))
        if self.chance(0.35):
            inclusive = shape >= DETAILS and self.chance(0.4)
            for line in lines:
                if self.chance(0.2):
                    continue
                net = net_of(line)
                line["inclusive"] = inclusive
                line["tax"] = net - round(net / 1.19) if inclusive else net * 20 // 100

    def _invoice_life(
        self, customer: Customer, state: State, at: int, shape: int, way: str | None
    ) -> None:
        if shape < STATUS:
            self._finalize(customer, state, at)
            self.tell(at, "invoice", state, "invoice.created")
        else:
            self.tell(at, "invoice", state, "invoice.created")
            if self.chance(0.03) and way is None:
                return
            if self.chance(0.02) and way is None:
                self.tell(self.later(at, 0, 3), "invoice", state, "invoice.deleted")
                return
            at += self.rng.choice([0, 0, 3600, 3600, 86_000])
            if at >= self.end:
                raise EndError
            self._finalize(customer, state, at)
            self.tell(at, "invoice", state, "invoice.finalized", "invoice.updated")
        if state["due"] == 0:
            self._paid(state, at, self.shape(at))
            self._invoice_later(state, at)
            return
        if way is None:
            ways = ["charge", "oob", "void", "uncollectible", "given up, paid", "open"]
            way = self.rng.choices(ways, [55, 25, 5, 5, 5, 5])[0]
        if way == "open":
            return
        if way in ("void", "uncollectible", "given up, paid"):
            at = self.later(at, 0, 60)
            if way == "void" and self.shape(at) >= STATUS:
                state["status"], state["voided_at"] = "void", at
                types = ("invoice.voided", "invoice.updated")
            else:  # Before there were statuses an invoice could only be forgiven.
                state["status"], state["uncollectible_at"] = "uncollectible", at
                types = ("invoice.marked_uncollectible", "invoice.updated")
            types = types[self.shape(at) < STATUS :]
            self.tell(at, "invoice", state, *types)
            if way != "given up, paid":
                self._invoice_later(state, at)
                return
        if way == "oob":
            at = self.later(at, 0, 40) if self.chance(0.8) else at
            if at >= self.end:
                raise EndError
            state["oob"] = True
            self._paid(state, at, self.shape(at))
            due, currency = state["due"], state["currency"]
            self.moves.append(
                Move("out_of_band_payment", state["id"], None, customer.id, due, currency, at, None)
            )
        else:
            self._collect(customer, state, at)
        self._invoice_later(state, state["paid_at"] or at)

    def _finalize(self, customer: Customer, state: State, at: int) -> None:
        state["finalized_at"], state["status"] = at, "open"
        state["starting"] = customer.balance
        rest = state["total"] + customer.balance
        if state["total"] < 0 or rest < 0:
            state["due"], customer.balance = 0, rest
        else:
            state["due"], customer.balance = rest, 0
        state["ending"] = customer.balance

    def _collect(self, customer: Customer, state: State, at: int) -> None:
        """Charge the invoice, again if need be; ends without payment where all fail."""
        parts = [state["due"]]
        if self.shape(at) >= BASIL and state["due"] > 10 and self.chance(0.1):
            parts = [state["due"] // 3, state["due"] - state["due"] // 3]
        for part in parts:
            for attempt in range(4):
                method = self.rng.choice(customer.methods)
                currency = customer.currency
                done, charge = self.charge(customer, currency, part, at, method, state["id"])
                state["charge"], state["intent"] = charge, "pi" + charge[2:]
                state["attempts"] = attempt + 1
                if done is not None:
                    at = done
                    break
                self.tell(at, "invoice", state, "invoice.payment_failed", "invoice.updated")
                at = self.later(at, 1, 7)
            else:
                return
            if self.shape(at) >= BASIL:
                payment = {
                    "id": self.new_id("inpay"),
                    "invoice": state["id"],
                    "amount": part,
                    "charge": charge,
                    "intent": self._states[charge]["intent"],
                    "currency": currency,
                    "created": at,
                    "by_charge": self.rng.random() < 0.2,
                }
                self.tell(at, "invoice_payment", payment, "invoice_payment.paid")
        self._paid(state, at, self.shape(at))

    def _paid(self, state: State, at: int, shape: int) -> None:
        state["status"], state["paid_at"] = "paid", at
        types = ["invoice.payment_succeeded", "invoice.updated"]
        if shape >= DETAILS:
            types.insert(0, "invoice.paid")
        lag = self.rng.choice([0, 0, 0, 1, 2]) if shape >= DETAILS and at + 2 < self.end else 0
        self.tell(at + lag, "invoice", state, *types)

    def _invoice_later(self, state: State, at: int) -> None:
        if self.chance(0.4):
            state["note"] = "late"
            self.tell(self.later(at, 3, 200), "invoice", state, "invoice.updated")

    # --- subscriptions ----------------------------------------------------------------

    def _subscriptions(self, customer: Customer, at: int) -> None:
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            ended = self._subscription(customer, at)
            at = self.later(ended, 0, 120)

    def _subscription(self, customer: Customer, at: int) -> int:
        """A subscription from its beginning to its end; returns the end, or raises EndError."""
        interval = self.rng.choice(["month", "month", "month", "year"])
        plan = self.rng.choices(list(PLANS), [1, 5, 3, 2])[0]
        state = {
            "id": self.new_id("sub"),
            "item": self.new_id("si"),
            "customer": customer.id,
            "created": at,
            "status": "active",
            "price": self.price(plan, customer.currency, interval),
            "quantity": self.rng.randint(1, 3),
            "start": at,
            "end": add_months(at, 12 if interval == "year" else 1),
            "ended_at": None,
        }
        truth = Subscription(state)
        months = 12 if interval == "year" else 1

        def tell(when: int, *types: str) -> None:
            self.tell(when, "subscription", state, *types)
            pays = state["status"] in ("active", "past_due") and state["price"]["amount"] > 0
            truth.mrr.append((when, pays))

        def end(when: int) -> int:
            if when >= self.end:
                raise EndError
            state["status"], state["ended_at"] = "canceled", when
            truth.ended_at = when
            tell(when, "customer.subscription.deleted")
            return when

        if at >= self.end:
            raise EndError
        self.subscriptions.append(truth)
        if self.chance(0.1):
            state["status"], state["end"] = "trialing", at + 14 * DAY
        tell(at, "customer.subscription.created")
        trial = state["status"] == "trialing"
        anchor, number = (state["end"], 0) if trial else (at, 1)
        pending: list[State] = []
        while True:
            start, stop = state["start"], state["end"]
            price, trial = state["price"], state["status"] == "trialing"
            amount = 0 if trial else price["amount"] * state["quantity"]
            ways = ["oob", "oob", "void", "uncollectible", "open", "given up, paid"]
            way = "charge" if self.chance(0.75) else self.rng.choice(ways)
            line = self._subscription_line(state, price, amount, start, stop)
            lines = [*pending, line]
            self.rng.shuffle(lines)
            pending = []
            bill = self.invoice(customer, lines, start, state["id"], way)
            period = Period(start, stop, price["plan"], amount, bill)
            if bill["status"] == "never":
                raise EndError
            truth.periods.append(period)
            if bill["status"] != "paid" and self.chance(0.35):
                if self.chance(0.5):
                    state["status"] = "past_due"
                    tell(start + 2 * 3600, "customer.subscription.updated")
                return end(self.later(start, 1, 25))
            if self.chance(0.04):
                return end(self.later(start, 1, 25 if interval == "month" else 300))
            middle = start + (stop - start) // 2
            change = self.rng.random()
            if change < 0.08 and not trial and middle < self.end:
                pending = self._switch(state, middle, stop)
                tell(middle, "customer.subscription.updated")
                period.plan = state["price"]["plan"]
                if self.chance(0.4) and pending:
                    self.invoice(customer, pending, middle, state["id"], "charge")
                    pending = []
            if self.chance(0.06):
                return end(stop)
            if stop >= self.end:
                raise EndError
            if 0.08 <= change < 0.12:
                names = [name for name in PLANS if name != state["price"]["plan"]]
                new = self.rng.choice(names)
                state["price"] = self.price(new, customer.currency, interval)
            number += 1
            state["status"] = "active"
            state["start"], state["end"] = stop, add_months(anchor, months * number)
            tell(stop, "customer.subscription.updated")

    def _switch(self, state: State, at: int, stop: int) -> list[State]:
        """Another plan in the middle of a period: what is given back, what is owed."""
        old = state["price"]
        plan = self.rng.choice([name for name in PLANS if name not in (old["plan"], "Free")])
        new = state["price"] = self.price(plan, old["currency"], old["interval"])
        lines = []
        for price, sign in ((old, -1), (new, 1)):
            amount = sign * price["amount"] * state["quantity"] // 2
            lines.append(self._subscription_line(state, price, amount, at, stop, is_change=True))
        return lines

    def _subscription_line(
        self,
        state: State,
        price: State,
        amount: int,
        start: int,
        stop: int,
        is_change: bool = False,
    ) -> State:
        what = {"price": price, "subscription": state["id"], "quantity": state["quantity"]}
        return self.line(amount, start, stop, proration=is_change, **what)

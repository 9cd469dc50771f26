"""What is true of an odd payers' company: the marts as definitions.md has them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

from conftest import Warehouse
from odd.calendar import day_of, instant, month_of, months_between, shift
from odd.differences import Cells, cells_of, differing, exact, names_of
from odd.money import major, rate_of
from odd.payer.world import Account, State, World, net_of

CASH = {
    "charge": "gross_charges",
    "out_of_band_payment": "out_of_band",
    "refund": "refunds",
    "dispute": "disputes_opened",
    "dispute_won": "disputes_won",
    "dispute_lost": "disputes_lost",
}
"""Columns of cash_months by the kind of movement."""

NET = {"charge": 1, "out_of_band_payment": 1, "refund": -1, "dispute": -1, "dispute_won": 1}

LIFETIME = {
    "charge": "gross_paid_usd",
    "out_of_band_payment": "gross_paid_usd",
    "refund": "refunds_usd",
    "dispute_lost": "disputes_lost_usd",
}

WALLETS = ("apple_pay", "google_pay", "apple_old", "link")


def recognized(amount: Fraction, start: int, end: int, until: date) -> Iterator[tuple]:
    """Months, and what of an amount is earned in them, of the days until one, it included.

    Evenly over the days from that of the start to the one before that of the end.
    """
    first, days = day_of(start), max((day_of(end) - day_of(start)).days, 1)
    last = min(first.toordinal() + days - 1, until.toordinal())
    for month in months_between(first.replace(day=1), date.fromordinal(max(last, 1))):
        begins = max(first.toordinal(), month.toordinal())
        ends = min(last + 1, shift(month, 1).toordinal())
        if begins < ends:
            yield month, amount * (ends - begins) / days


def total(parts: Iterable[Fraction | None]) -> Fraction | None:
    """The sum of what is in dollars; nothing where nothing is."""
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


class Truth:
    """The cells of a company's marts, all that is known of it, as of an instant."""

    def __init__(self, world: World, now: int) -> None:
        self.world, self.now = world, now
        self.account = {customer.id: customer.account for customer in world.customers}
        self.billed: dict[tuple, Fraction] = defaultdict(Fraction)
        self.earned: dict[tuple, Fraction] = defaultdict(Fraction)
        self._schedule()

    def usd(self, amount: Fraction, currency: str, month: date) -> Fraction | None:
        """In dollars; nothing where the currency has no rate."""
        rate = rate_of(self.world.rates, currency, month)
        return None if rate is None else amount * rate

    def cash_months(self) -> Cells:
        cells = defaultdict(Fraction)
        for move in self.world.moves:
            month, amount = month_of(move.at), major(move.amount, move.currency)
            usd = self.usd(amount, move.currency, month) or 0
            for currency, value in ((move.currency, amount), ("all", usd)):
                cells[month, currency, CASH[move.kind]] += value
                cells[month, currency, "net"] += NET.get(move.kind, 0) * value
        return cells

    def transactions(self) -> Cells:
        """How often there is a movement of this kind, of whom, how much, when and how."""
        return Counter(
            (
                move.kind,
                move.charge or move.object_id,
                move.customer and self.account[move.customer],
                major(move.amount, move.currency),
                move.currency,
                move.at,
                move.method,
            )
            for move in self.world.moves
        )

    def activity_months(self) -> Cells:
        """Who paid by a charge in a month, counted by when else."""
        active: dict[date, set[Account]] = defaultdict(set)
        charged: dict[date, list[Fraction | None]] = defaultdict(list)
        for move in self.world.moves:
            if move.kind == "charge" and move.customer:
                month, amount = month_of(move.at), major(move.amount, move.currency)
                active[month].add(self.account[move.customer])
                charged[month].append(self.usd(amount, move.currency, month))
        cells, seen = {}, set()
        for month in months_between(min(active), month_of(self.now)):
            now, before = active[month], active[shift(month, -1)]
            january = active[month.replace(month=1)]
            cells[month, "active_accounts"] = len(now)
            cells[month, "charged_usd"] = total(charged[month]) if now else 0
            cells[month, "new_accounts"] = len(now - seen)
            cells[month, "retained_accounts"] = len(now & before)
            cells[month, "returning_accounts"] = len((now & seen) - before)
            cells[month, "churned_accounts"] = len(before - now)
            rate = Fraction(len(before - now), len(before)) if before else None
            cells[month, "churn_rate"] = rate
            cells[month, "january_accounts"] = len(january)
            cells[month, "returned_from_january"] = len(january & now)
            seen |= now
        return cells

    def _schedule(self) -> None:
        """What is billed and earned, by customer, currency and month."""
        for invoice in self.world.invoices:
            if invoice["finalized_at"] is None or invoice["status"] not in ("open", "paid"):
                continue
            key = invoice["customer"], invoice["currency"]
            for line in invoice["lines"]:
                tax = line["tax"] if line["inclusive"] else 0
                amount = major(net_of(line) - tax, invoice["currency"])
                self.billed[*key, month_of(invoice["finalized_at"])] += amount
                until = day_of(self.now)
                for month, part in recognized(amount, line["start"], line["end"], until):
                    self.earned[*key, month] += part

    def revenue_months(self, first: date) -> Cells:
        """What was before the first month is told in it."""
        cells = defaultdict(Fraction)
        for column, parts in (("billed", self.billed), ("recognized", self.earned)):
            for (_, currency, month), amount in parts.items():
                cells[max(month, first), currency, column] += amount
        for currency in {currency for _, currency, _ in cells}:
            deferred = Fraction(0)
            for month in months_between(first, month_of(self.now)):
                deferred += cells[month, currency, "billed"]
                deferred -= cells[month, currency, "recognized"]
                cells[month, currency, "deferred_closing"] = deferred
                for column in ("billed", "recognized", "deferred_closing"):
                    usd = self.usd(cells[month, currency, column], currency, month)
                    cells[month, "all", column] += usd or 0
        return cells

    def account_lifetimes(self, first: date) -> Cells:
        """What an account has brought, in dollars of its month; earned as in revenue_months."""
        parts, earned = defaultdict(list), defaultdict(Fraction)
        for move in self.world.moves:
            if move.customer:
                account, amount = self.account[move.customer], major(move.amount, move.currency)
                usd = self.usd(amount, move.currency, month_of(move.at))
                if move.kind in NET:
                    net = None if usd is None else NET[move.kind] * usd
                    parts[account, "net_cash_ltv_usd"].append(net)
                if move.kind in LIFETIME:
                    parts[account, LIFETIME[move.kind]].append(usd)
        for (customer, currency, month), amount in self.earned.items():
            earned[self.account[customer], currency, max(month, first)] += amount
        for (account, currency, month), amount in earned.items():
            if amount:
                parts[account, "revenue_ltv_usd"].append(self.usd(amount, currency, month))
        cells = {key: total(values) for key, values in parts.items()}
        for account, months in self.months_with_mrr().items():
            cells[account, "first_paid_month"] = min(months)
        return cells

    def months_with_mrr(self) -> dict[Account, set[date]]:
        """The months that ended with a subscription that counts."""
        found = defaultdict(set)
        for subscription in self.world.subscriptions:
            ends = [at for at, _ in subscription.mrr[1:]] + [self.now + 1]
            for (since, pays), until in zip(subscription.mrr, ends, strict=True):
                for month in months_between(month_of(since), month_of(self.now)):
                    closing = min(instant(shift(month, 1)) - 1, self.now)
                    if pays and since <= closing < until:
                        found[self.account[subscription.state["customer"]]].add(month)
        return found

    def renewal_cohorts(self) -> Cells:
        """How often a plan's n-th paid period was followed by a paid one."""
        cells = Counter()
        for subscription in self.world.subscriptions:
            number = 0
            for period, following in zip(
                subscription.periods, [*subscription.periods[1:], None], strict=True
            ):
                number += bool(number) or period.is_paid
                if not number:
                    continue
                if period.end > self.now:
                    break
                if following and following.is_paid:
                    outcome = "renewed"
                elif subscription.ended_at is not None or (following and following.is_settled):
                    outcome = "lapsed"
                else:
                    outcome = "pending"
                cells[period.plan, number, "due_subscriptions"] += 1
                cells[period.plan, number, f"{outcome}_subscriptions"] += 1
                if outcome != "renewed":
                    break
        return cells

    def customers_told(self) -> set[str]:
        """Those whom an event names."""
        ids = {change.state["id"] for change in self.world.log if change.kind == "customer"}
        return ids | {change.state.get("customer") for change in self.world.log} - {None}

    def payment_methods(self) -> Cells:
        """Those that are saved or were charged: as they were saved last, else as they were used."""
        saved: dict[str, State] = {}
        used: dict[str, State] = {}
        for change in sorted(self.world.log, key=lambda change: change.at):
            if change.kind == "method":
                saved[change.state["id"]] = change.state
            elif change.kind == "charge":
                method = change.state["method"]
                used.setdefault(method["id"], method | {"customer": change.state["customer"]})
        cells = {}
        for name, state in (used | saved).items():
            kind, (year, month) = state["kind"], state["exp"]
            is_card = kind in ("card", "card_old", "apple_old", "apple_pay", "google_pay")
            expires = date.fromordinal(shift(date(year, month, 1), 1).toordinal() - 1)
            is_wallet = kind in WALLETS
            cells[name, "payment_type"] = "wallet" if is_wallet else "card" if is_card else "bank"
            cells[name, "last4"] = None if kind == "link" else state["last4"]
            cells[name, "expires_on"] = expires if is_card else None
            cells[name, "stripe_customer_id"] = state["customer"]
        return cells


def transactions_of(warehouse: Warehouse, names: dict) -> Cells:
    return Counter(
        (kind, about, names.get(account), exact(amount), currency, int(at.timestamp()), method)
        for kind, about, account, amount, currency, at, method in warehouse.query(
            "select transaction_type, coalesce(charge_id, invoice_id), account_id, amount,"
            " currency, transaction_at, payment_method_id from finance.transactions"
        )
    )


def differences(warehouse: Warehouse, world: World, now: int) -> list[str]:
    """All cells in which the marts are not what is true."""
    truth = Truth(world, now)
    names = names_of(warehouse)
    links = {(name,): truth.account[name] for name in truth.customers_told()}
    known = {(name,): names.get(name) for (name,) in links}
    different = differing("core.stripe_customers", links, known)
    transactions = transactions_of(warehouse, names)
    different += differing("finance.transactions", truth.transactions(), transactions)
    ((first,),) = warehouse.query("select min(month) from finance.revenue_months")
    for relation, keys, cells in (
        ("core.payment_methods", "payment_method_id", truth.payment_methods()),
        ("finance.cash_months", "month, currency", truth.cash_months()),
        ("finance.revenue_months", "month, currency", truth.revenue_months(first)),
        ("growth.activity_months", "month", truth.activity_months()),
        ("growth.renewal_cohorts", "plan, renewal_number", truth.renewal_cohorts()),
        ("growth.account_lifetimes", "account_id", truth.account_lifetimes(first)),
    ):
        found = cells_of(warehouse, relation, keys, cells)
        if keys.startswith("account_id"):
            found = {(names[account], *key): value for (account, *key), value in found.items()}
        different += differing(relation, cells, found)
    return different

"""What is true of an odd company's MRR: the marts as definitions.md has them, from states alone."""

import bisect
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from conftest import Warehouse
from odd.calendar import instant, month_of, months_between, shift
from odd.company.things import Customer, Subscription
from odd.company.world import CURRENCIES, FIRST_MONTH, Account, World
from odd.differences import Cells, cells_of, differing, exact, names_of
from odd.money import major, rate_of

KINDS = ("new", "expansion", "contraction", "churn", "reactivation")

PLANS = """(
    select
        month,
        sum(opening_usd) as opening,
        sum(new_usd) as new,
        sum(churn_usd) as churn,
        sum(reactivation_usd) as reactivation,
        sum(expansion_usd + contraction_usd + transferred_in_usd + transferred_out_usd) as changed,
        sum(fx_usd) as fx,
        sum(closing_usd) as closing
    from finance.plan_mrr_months
    group by month
) as plan_mrr_months"""


def state_at(history: list[tuple[int, object]], at: float) -> object:
    """The last of the states that began by then, if any."""
    number = bisect.bisect(history, at, key=lambda state: state[0])
    return history[number - 1][1] if number else None


def mrr_of(subscription: Subscription, customer: Customer | None, at: float) -> Fraction:
    """The MRR of a subscription in such a state, and of such a customer, in major units."""
    if subscription.status not in ("active", "past_due") or subscription.ended_at is not None:
        return Fraction(0)
    currency, total, taxes = subscription.currency, Fraction(0), Fraction(0)
    for item in subscription.items:
        per_month = item.price.per_month  # of all items the same
        amount = item.price.invoice_amount(item.quantity) * per_month
        for discount in item.discounts:
            if discount.counts_at(at):
                amount = discount.off(amount, currency, per_month)
        total += amount
        rates = item.taxes or subscription.taxes
        rate = sum(tax.percent for tax in rates if tax.is_inclusive)
        taxes += amount * rate / (100 + rate)
    untaxed = 1 - taxes / total if total else 1
    discounts = [discount for discount in subscription.discounts if discount.counts_at(at)]
    of_customer = customer and customer.discount
    if not discounts and of_customer and of_customer.counts_at(at):
        discounts = [of_customer]
    for discount in discounts:
        total = discount.off(total, currency, per_month)
    return major(total * untaxed, currency)


def ratio(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / whole if whole > 0 else None


class Truth:
    """The cells of a company's marts as of an instant."""

    def __init__(self, world: World, now: int) -> None:
        self.world, self.now = world, now
        self.months = months_between(FIRST_MONTH, month_of(now))
        self.rates = {
            (currency, month): rate_of(world.rates, currency, month)
            for currency in CURRENCIES
            for month in self.months
        }
        self.month_ends: dict[tuple[Account, str], dict[date, Fraction]] = defaultdict(dict)
        self.paid_months: dict[Account, set[date]] = defaultdict(set)
        for name, history in world.subscriptions.items():
            account = world.account_of[history[0][1].customer]
            ends = self.month_ends[account, history[0][1].currency]
            for month in self.months:
                mrr = self.mrr_at(name, min(instant(shift(month, 1)) - 0.5, now))
                if mrr:
                    ends[month] = ends.get(month, 0) + mrr
                    self.paid_months[account].add(month)

    def mrr_at(self, subscription: str, at: float) -> Fraction:
        state = state_at(self.world.subscriptions[subscription], at)
        if state is None:
            return Fraction(0)
        return mrr_of(state, state_at(self.world.customers[state.customer], at), at)

    def movement_type(self, account: Account, month: date, movement: Fraction) -> str | None:
        """Of an account that pays in several currencies, what it is for the whole of it."""
        paid = self.paid_months[account]
        if not movement:
            return None
        if shift(month, -1) not in paid:
            return "new" if month == min(paid) else "reactivation"
        if month not in paid:
            return "churn"
        return "expansion" if movement > 0 else "contraction"

    def account_months(self) -> Cells:
        cells = {}
        for (account, currency), ends in self.month_ends.items():
            for month in self.months:
                mrr = ends.get(month, Fraction(0))
                movement, rate = mrr - ends.get(shift(month, -1), 0), self.rates[currency, month]
                if mrr or movement:
                    row = {
                        "mrr": mrr,
                        "movement": movement,
                        "movement_type": self.movement_type(account, month, movement),
                        "mrr_usd": None if rate is None else mrr * rate,
                        "movement_usd": None if rate is None else movement * rate,
                    }
                    cells |= {(account, month, currency, name): row[name] for name in row}
        return cells

    def paying(self, currency: str, month: date) -> dict[Account, Fraction]:
        """What each account pays in a currency at a month's end, or in dollars for all of them.

        What has no rate is 0 dollars, of an account that pays none the less.
        """
        found: dict[Account, Fraction] = defaultdict(Fraction)
        for (account, of), ends in self.month_ends.items():
            if month in ends and currency in (of, "all"):
                rate = self.rates[of, month] or 0 if currency == "all" else 1
                found[account] += ends[month] * rate
        return found

    def without_rate(self, currency: str, month: date) -> set[Account]:
        """Those of whom something is missing in what they pay."""
        return {
            account
            for (account, of), ends in self.month_ends.items()
            if currency == "all" and month in ends and self.rates[of, month] is None
        }

    def movements(self, currency: str, month: date) -> dict[str, dict[Account, Fraction]]:
        """What moved, by type and account, in a currency or in dollars.

        What an account gains in one currency and loses in another is one difference in dollars.
        """
        moved: dict[Account, Fraction] = defaultdict(Fraction)
        for (account, of), ends in self.month_ends.items():
            if currency in (of, "all"):
                rate = self.rates[of, month] or 0 if currency == "all" else 1
                movement = ends.get(month, 0) - ends.get(shift(month, -1), 0)
                if movement:
                    moved[account] += movement * rate
        found: dict[str, dict[Account, Fraction]] = {kind: {} for kind in KINDS}
        for account, movement in moved.items():
            # Without a rate it is a movement of 0 dollars, of an account that moved.
            kind = self.movement_type(account, month, movement or Fraction(1))
            found[kind][account] = movement
        return found

    def mrr_months(self) -> Cells:
        cells = {}
        for currency in (*CURRENCIES, "all"):
            for month in self.months:
                row = self._mrr_month(currency, month)
                cells |= {(month, currency, name): value for name, value in row.items()}
        return cells

    def _mrr_month(self, currency: str, month: date) -> dict[str, Fraction | int | None]:
        before, after = self.paying(currency, shift(month, -1)), self.paying(currency, month)
        opening, closing = sum(before.values()), sum(after.values())
        moved = self.movements(currency, month)
        row = {kind: sum(moved[kind].values()) for kind in KINDS}
        gained = row["new"] + row["expansion"] + row["reactivation"]
        lost = row["contraction"] + row["churn"]
        year_ago = {a: mrr for a, mrr in self.paying(currency, shift(month, -12)).items() if mrr}
        kept = {account: after.get(account, 0) for account in year_ago}
        capped = sum(min(kept[account], mrr) for account, mrr in year_ago.items())
        unrated = (self.without_rate(currency, at) for at in (shift(month, -12), month))
        is_whole = year_ago.keys().isdisjoint(set().union(*unrated))
        paid_then = sum(year_ago.values()) if is_whole else 0
        return row | {
            "opening": opening,
            "closing": closing,
            "fx": closing - opening - gained - lost,
            "opening_accounts": len(before),
            "new_accounts": len(moved["new"]),
            "churned_accounts": len(moved["churn"]),
            "reactivated_accounts": len(moved["reactivation"]),
            "closing_accounts": len(after),
            "grr": ratio(opening + lost, opening),
            "nrr": ratio(opening + lost + row["expansion"], opening),
            "revenue_churn_rate": ratio(-row["churn"], opening),
            "logo_churn_rate": ratio(len(moved["churn"]), len(before)),
            "quick_ratio": ratio(gained, -lost),
            "arpa": None if self.without_rate(currency, month) else ratio(closing, len(after)),
            "arr": closing * 12,
            "grr_trailing_year": ratio(capped, paid_then),
            "nrr_trailing_year": ratio(sum(kept.values()), paid_then),
        }

    def plan_mrr_months(self) -> Cells:
        """Of all plans together; what moves from one to another is no movement of the whole."""
        cells = {}
        for month in self.months:
            row = self._mrr_month("all", month)
            row["changed"] = row["expansion"] + row["contraction"]
            for name in ("opening", "new", "churn", "reactivation", "changed", "fx", "closing"):
                cells[month, name] = row[name]
        return cells

    def cohort_months(self) -> Cells:
        cells = {}
        for cohort in self.months:
            members = [a for a, paid in self.paid_months.items() if min(paid) == cohort]
            if not members:
                continue
            first = self.paying("all", cohort)
            cohort_mrr = sum(first[account] for account in members)
            missing = self.without_rate("all", cohort) & set(members)
            for offset, month in enumerate(months_between(cohort, self.months[-1])):
                now = self.paying("all", month)
                mrr = sum(now.get(account, 0) for account in members)
                active = sum(account in now for account in members)
                cells[cohort, offset, "cohort_accounts"] = len(members)
                cells[cohort, offset, "active_accounts"] = active
                cells[cohort, offset, "logo_retention"] = Fraction(active, len(members))
                cells[cohort, offset, "cohort_mrr_usd"] = cohort_mrr
                cells[cohort, offset, "mrr_usd"] = mrr
                retained = None if missing else ratio(mrr, cohort_mrr)
                cells[cohort, offset, "revenue_retention"] = retained
                missing_now = self.without_rate("all", month) & set(members)
                count = max(len(missing), len(missing_now))
                cells[cohort, offset, "unconverted_accounts"] = count
        return cells

    def links(self) -> Cells:
        """Whose each customer is, of those who were there by then and of whom anything tells."""
        buyers = {history[0][1].customer for history in self.world.subscriptions.values()}
        return {
            (customer,): self.world.account_of[customer]
            for customer, history in self.world.customers.items()
            if history[0][0] <= self.now and customer not in self.world.untold_customers - buyers
        }

    def instants(self) -> Iterator[tuple[str, int]]:
        """Each subscription at all instants at which it may change, and a second before."""
        for subscription, history in self.world.subscriptions.items():
            customer = self.world.customers[history[0][1].customer]
            discounts = {d for _, state in history for d in state.discounts}
            discounts |= {d for _, state in history for i in state.items for d in i.discounts}
            discounts |= {state.discount for _, state in customer if state.discount}
            changes = {at for at, _ in (*history, *customer)}
            changes |= {at for d in discounts for at in (d.start, d.end) if at}
            for at in {self.now} | changes | {at - 1 for at in changes}:
                if at <= self.now:
                    yield subscription, at

    def periods(self) -> Cells:
        cells = {}
        for subscription, at in self.instants():
            state = state_at(self.world.subscriptions[subscription], at)
            if state:
                cells[subscription, at, "mrr"] = self.mrr_at(subscription, at)
                cells[subscription, at, "status"] = state.status
                cells[subscription, at, "currency"] = state.currency
        return cells


def periods_of(warehouse: Warehouse, truth: Truth) -> Cells:
    """What the project says of the truth's instants, and which subscriptions it made up."""
    spans = defaultdict(list)
    for subscription, since, till, *values in warehouse.query(
        "select subscription_id, extract(epoch from starts_at), extract(epoch from ends_at),"
        " mrr, status, currency from finance.subscription_periods order by starts_at"
    ):
        spans[subscription].append((since, (till, *values)))
    cells = {(name,): 1 for name in spans.keys() - truth.world.subscriptions.keys()}
    for subscription, at in truth.instants():
        till, *values = state_at(spans[subscription], at) or (at,)
        if till is None or at < till:
            for name, value in zip(("mrr", "status", "currency"), values, strict=True):
                cells[subscription, at, name] = exact(value)
    return cells


def plan_years(warehouse: Warehouse, truth: Truth) -> Cells:
    """What is still paid for a plan of twelve months ago; who held which the project says."""
    held = defaultdict(lambda: defaultdict(Fraction))
    unrated = defaultdict(set)
    for plan, month, account, currency, mrr in warehouse.query(
        "select plan, month, account_id, currency, mrr from intermediate.int_subscription_months"
    ):
        rate = truth.rates.get((currency, month))
        held[plan, month][account] += Fraction(mrr) * (rate or 0)
        if mrr > 0 and not rate:
            unrated[plan, month].add(account)
    cells = {}
    for plan, month in [(plan, month) for plan, _ in held for month in truth.months]:
        then, now = (plan, shift(month, -12)), (plan, month)
        before = {account: mrr for account, mrr in held.get(then, {}).items() if mrr}
        kept = {account: held.get(now, {}).get(account, 0) for account in before}
        capped = sum(min(kept[account], mrr) for account, mrr in before.items())
        is_whole = before.keys().isdisjoint(unrated[then] | unrated[now])
        paid_then = sum(before.values()) if is_whole else 0
        cells[month, plan, "grr_trailing_year"] = ratio(capped, paid_then)
        cells[month, plan, "nrr_trailing_year"] = ratio(sum(kept.values()), paid_then)
    return cells


def differences(warehouse: Warehouse, world: World, now: int) -> list[str]:
    """All cells in which the marts are not what is true."""
    truth = Truth(world, now)
    names = names_of(warehouse)
    known = {(name,): names[name] for (name,) in truth.links() if name in names}
    different = differing("stripe_customers", truth.links(), known)
    for relation, keys, cells in (
        ("finance.account_months", "account_id, month, currency", truth.account_months()),
        ("finance.mrr_months", "month, currency", truth.mrr_months()),
        (PLANS, "month", truth.plan_mrr_months()),
        ("finance.plan_mrr_months", "month, plan", plan_years(warehouse, truth)),
        ("growth.cohort_months", "cohort_month, month_offset", truth.cohort_months()),
    ):
        found = cells_of(warehouse, relation, keys, cells)
        if keys.startswith("account_id"):
            found = {(names[account], *key): value for (account, *key), value in found.items()}
        different += differing(relation.split()[-1], cells, found)
    return different + differing(
        "subscription_periods", truth.periods(), periods_of(warehouse, truth)
    )

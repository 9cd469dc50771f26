"""The marts against the truth of a made company, which was computed from what it went through.

Not one of its events was read for the truth, and nothing of the truth for the marts.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from conftest import FULL, Warehouse
from dogdb.demo.company import Company
from dogdb.demo.write import make

COMPANY = Company(
    accounts=3_000 if FULL else 160, months=36 if FULL else 20, seed=11, end=date(2025, 12, 31)
)
DIGITS = {"jpy": 0, "kwd": 3}
"""Decimal places of currencies that have not two."""

HALF_A_DIGIT = Fraction(1, 2 * 10**10)
"""The marts keep ten decimals of an account's MRR."""

CASH = (
    "gross",
    "out_of_band",
    "refunds",
    "disputes_opened",
    "disputes_won",
    "disputes_lost",
    "net",
)
MONEY = ("opening", "new", "expansion", "contraction", "churn", "reactivation", "closing")
ACCOUNTS = ("new_accounts", "churned_accounts", "reactivated_accounts", "closing_accounts")

Truth = dict[str, list[dict]]
Amounts = dict[tuple, Fraction]


@pytest.fixture(scope="module")
def made(make_warehouse: Callable[..., Warehouse], tmp_path_factory) -> tuple[Warehouse, Truth]:
    """A built warehouse of a made company, and what is true of it by kind."""
    warehouse = make_warehouse("live", "live")
    file = tmp_path_factory.mktemp("truth") / "truth.jsonl"
    with closing(warehouse.connect()) as server:
        make(COMPANY, server, truth=file)
    warehouse.build()
    return warehouse, by_kind(file)


def by_kind(file: Path) -> Truth:
    found = defaultdict(list)
    for line in file.read_text().splitlines():
        record = json.loads(line)
        found[record["kind"]].append(record)
    return found


def major(record: dict, name: str) -> Fraction:
    """An amount of a record, exactly, in major units."""
    return Fraction(record[name]) / 10 ** DIGITS.get(record["currency"], 2)


def differing(truth: Amounts, found: Amounts, tolerance: Fraction | int) -> dict[tuple, tuple]:
    """What is not the same, nearly; where one of them has nothing, that is 0."""
    return {
        key: (truth.get(key, 0), found.get(key, 0))
        for key in truth.keys() | found.keys()
        if abs(truth.get(key, 0) - found.get(key, 0)) > tolerance
    }


def amounts(rows: Iterable[tuple], names: tuple[str, ...]) -> Amounts:
    """Amounts by month, currency and name, of rows that begin with month and currency."""
    return {
        (str(month), currency, name): Fraction(value)
        for month, currency, *values in rows
        for name, value in zip(names, values, strict=True)
    }


def test_every_account_month_is_true(made):
    warehouse, truth = made
    rows = warehouse.query(
        "select coalesce(stripe_customer_id, account_id::text), month, currency, mrr"
        " from finance.account_months left join (select account_id, min(stripe_customer_id)"
        " as stripe_customer_id from core.stripe_customers where account_link = 'none'"
        " group by account_id) as alone using (account_id) where mrr > 0"
    )
    found = {
        (account, str(month), currency): Fraction(mrr) for account, month, currency, mrr in rows
    }
    true = {(r["account"], r["month"], r["currency"]): major(r, "mrr") for r in truth["mrr"]}
    assert len(true) > 1_000
    assert differing(true, found, HALF_A_DIGIT) == {}
    assert true.keys() == found.keys()


def test_every_mrr_month_is_true(made):
    warehouse, truth = made
    columns = (*MONEY, *ACCOUNTS)
    rows = warehouse.query(
        f"select month, currency, {', '.join(columns)} from finance.mrr_months"
        " where currency <> 'all'"
    )
    true = {
        (r["month"], r["currency"], name): major(r, name) if name in MONEY else Fraction(r[name])
        for r in truth["month"]
        for name in columns
    }
    found = amounts(rows, columns)
    assert len({key[1] for key in found}) > 3
    assert differing(true, found, HALF_A_DIGIT * COMPANY.accounts) == {}


def test_every_cohort_cell_is_true(made):
    warehouse, truth = made
    found = warehouse.query(
        "select cohort_month::text, month_offset, cohort_accounts, active_accounts"
        " from growth.cohort_months"
    )
    names = ("cohort_month", "month_offset", "accounts", "active_accounts")
    assert set(found) == {tuple(r[name] for name in names) for r in truth["cohort"]}
    assert len(found) > COMPANY.months


def test_every_cash_month_is_true(made):
    warehouse, truth = made
    columns = ("gross_charges", *CASH[1:])
    rows = warehouse.query(
        f"select month, currency, {', '.join(columns)} from finance.cash_months"
        " where currency <> 'all'"
    )
    true: Amounts = defaultdict(Fraction)
    for record in truth["cash"]:
        for name in CASH:
            true[record["month"], record["currency"], name] += major(record, name)
    assert all(any(value for key, value in true.items() if key[2] == name) for name in CASH)
    assert differing(true, amounts(rows, CASH), 0) == {}


def test_every_span_of_a_status_is_true(made):
    warehouse, truth = made
    rows = warehouse.query(
        "select subscription_id, status, to_char(starts_at at time zone 'UTC',"
        """ 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from (select *, lag(status) over (partition by"""
        " subscription_id order by starts_at) as before from finance.subscription_periods) as spans"
        " where status is distinct from before"
    )
    assert set(rows) == {(r["subscription"], r["status"], r["starts_at"]) for r in truth["status"]}


def months_of(warehouse: Warehouse) -> dict[tuple, tuple]:
    """MRR and its movement by account, month and currency."""
    rows = warehouse.query(
        "select account_id, month, currency, mrr, movement from finance.account_months"
    )
    return {tuple(row[:3]): tuple(row[3:]) for row in rows}


def customers_of(warehouse: Warehouse) -> set[tuple]:
    """Who is a customer in which month."""
    return set(
        warehouse.query("select account_id, month from finance.account_months where is_customer")
    )


@pytest.mark.skipif(FULL, reason="published of the smaller company")
def test_what_was_published_stays(made, stays_as_published):
    warehouse, _ = made
    stays_as_published(warehouse, "made_company")


def test_another_policy_counts_as_the_analysis_says_and_back(made, stays_as_published):
    """Last in this file, as it builds the warehouse twice again.

    The analysis compares the presets, whatever the vars switch.
    """
    warehouse, _ = made
    another = "{policy: chartmogul}"
    (comparison,) = warehouse.analyses("policies_compared", vars=another)
    said = warehouse.query(comparison)
    ours, our_customers = months_of(warehouse), customers_of(warehouse)

    select = ("--select", "subscription_periods+")
    warehouse.build(*select, vars=another)
    theirs, their_customers = months_of(warehouse), customers_of(warehouse)
    if not FULL:
        stays_as_published(warehouse, "made_company_by_chartmogul")
    sides = [(ours, our_customers), (theirs, their_customers)]
    told = {
        key: [(*months.get(key, (0, 0)), key[:2] in customers) for months, customers in sides]
        for key in ours.keys() | theirs.keys()
    }
    differs = {key: (one, other) for key, (one, other) in told.items() if one != other}
    assert {
        tuple(row[:3]): ((row[3], row[6], row[8]), (row[4], row[7], row[9])) for row in said
    } == differs
    assert len(differs) > 5
    assert all(row[10] for row in said)

    warehouse.build(*select)
    assert months_of(warehouse) == ours

"""Survival and the months to come, against a library and against a company whose churn is known."""

import random
from datetime import date
from itertools import pairwise

import pytest
from psycopg2.extras import execute_values
from scipy.stats import CensoredData, ecdf

MONTHS = 60
HORIZON = 36
CHURN = 0.04


def month(number: int) -> date:
    return date(2020 + number // 12, number % 12 + 1, 1)


def company(rng: random.Random) -> dict[int, set[int]]:
    """The paying months of accounts that leave at a constant rate; some come back later."""
    paying = {}
    for account in range(3000):
        # Ever more accounts begin: most of them are young, and still there.
        at, months = int(MONTHS * rng.random() ** 0.2), set()
        while at < MONTHS:
            months.add(at)
            at += 1
            if rng.random() < CHURN:
                at += 2 + rng.randrange(6) if rng.random() < 0.3 else MONTHS
        paying[account] = months
    return paying


def spells(paying: dict[int, set[int]]) -> CensoredData:
    """Ages at which runs were seen to end, and ages at which those that run were last seen."""
    ended, running = [], []
    for months in paying.values():
        run = 0
        for at, following in pairwise([*sorted(months), None]):
            run += 1
            if following == at + 1:
                continue
            if at == MONTHS - 1:
                running.append(run - 1)
            else:
                ended.append(run)
            run = 0
    return CensoredData(uncensored=ended, right=running)


@pytest.fixture
def made(empty):
    """The models of survival, built on made months alone."""
    paying = company(random.Random(4))
    empty.query(
        "create schema finance; create schema utilities;"
        "create table utilities.util_months (month date);"
        "create table finance.account_months (account_id bigint, month date, mrr numeric)"
    )
    session = empty.connect()
    with session, session.cursor() as cursor:
        rows = [(month(number),) for number in range(MONTHS)]
        execute_values(cursor, "insert into utilities.util_months values %s", rows)
        rows = [(account, month(at), 10) for account, months in paying.items() for at in months]
        # The month after a run holds the churn, without MRR.
        rows += [
            (account, month(at + 1), 0)
            for account, months in paying.items()
            for at in months
            if at + 1 < MONTHS and at + 1 not in months
        ]
        execute_values(cursor, "insert into finance.account_months values %s", rows)
    session.close()
    models = ["int_paying_spells", "survival_months", "int_remaining_months"]
    empty.dbt("run", "--quiet", "--select", *models)
    return empty, spells(paying)


def test_survival_is_what_a_library_says(made):
    warehouse, runs = made
    curve = ecdf(runs).sf
    bounds = curve.confidence_interval(method="linear")
    rows = warehouse.query(
        "select age_months, survival, survival_lower, survival_upper, churned"
        " from growth.survival_months order by 1"
    )
    assert [row[0] for row in rows] == list(range(len(rows)))
    seen = 0
    for age, survival, lower, upper, churned in rows:
        assert float(survival) == pytest.approx(curve.evaluate(age), rel=1e-6), age
        if churned and survival:
            seen += 1
            assert float(lower) == pytest.approx(bounds.low.evaluate(age), rel=1e-3), age
            assert float(upper) == pytest.approx(bounds.high.evaluate(age), rel=1e-3), age
    assert seen > 20


def test_the_months_to_come_are_the_sum_of_the_chances_to_be_there(made):
    warehouse, runs = made
    curve = ecdf(runs).sf.evaluate
    rows = warehouse.query(
        "select age_months, expected_months, lower_months, upper_months"
        f" from intermediate.int_remaining_months where observed_months = {HORIZON}"
    )
    assert len(rows) >= 5
    for age, expected, lower, upper in rows:
        known = sum(float(curve(age + ahead) / curve(age)) for ahead in range(1, HORIZON + 1))
        assert float(expected) == pytest.approx(known, rel=1e-6), age
        assert lower < expected < upper


def test_the_churn_that_was_put_in_comes_out(made):
    """Accounts that still pay must not make churn look smaller, though most of them are young."""
    warehouse, _ = made
    ((rate,),) = warehouse.query(
        "select sum(churned) / sum(at_risk) from growth.survival_months where age_months > 0"
    )
    assert float(rate) == pytest.approx(CHURN, rel=0.04)
    truth = sum((1 - CHURN) ** ahead for ahead in range(1, HORIZON + 1))
    ((expected, lower, upper),) = warehouse.query(
        "select expected_months, lower_months, upper_months"
        " from intermediate.int_remaining_months where age_months = 0"
    )
    assert lower < truth < upper
    assert float(expected) == pytest.approx(truth, rel=0.05)

"""Whatever arrives, changes or breaks off between two builds: the marts are those of one build.

A warehouse lives through what happens to one; after each of its builds another is made from nothing
over the same raw rows, and every mart of the two must hold the same rows.
"""

import copy
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from psycopg2.extensions import connection

from conftest import FULL, Warehouse
from dogdb.bench import NO_TESTS
from dogdb.demo.company import Company
from dogdb.demo.write import make
from dogdb.events import schema
from dogdb.events.store import copy_events
from dogdb.project import ROOT
from test_stripe_reading import COLUMNS, insert, plain_table

COMPANY = Company(accounts=25, months=14, seed=1, end=date(2025, 12, 31))
BUILD = ("build", *NO_TESTS)
LIVES = range(30) if FULL else (11, 18)
"""Seeds of lives; in these two nearly everything happens that may."""

SECONDS_TO_LEAVE = 60
"""How long sessions of a killed build may take to notice."""

LUCK = st.integers(0, 2**32 - 1)
SOME = st.sampled_from([1, 20, 300])


def one_of(table: str) -> str:
    """A condition that one row of a table meets, another one for another seed."""
    return f"ctid = (select ctid from {table} order by md5(ctid::text || %(seed)s) limit 1)"


CHANGES = {
    "a rate comes": "insert into raw.fx_rates select month + interval '1 month', currency,"
    " rate_to_usd * 1.05 from raw.fx_rates where month = (select max(month) from raw.fx_rates)",
    "a rate changes": "update raw.fx_rates set rate_to_usd = rate_to_usd * 1.07"
    f" where {one_of('raw.fx_rates')}",
    "a rate goes": f"delete from raw.fx_rates where {one_of('raw.fx_rates')}",
    "an account comes late": "with late as (delete from held.customer_accounts"
    f" where {one_of('held.customer_accounts')} returning *)"
    " insert into raw.customer_accounts select * from late",
    "an account goes": f"delete from raw.customer_accounts where {one_of('raw.customer_accounts')}",
    "an e-mail changes": "update raw.customer_accounts set email = 'new.' || email"
    f" where {one_of('raw.customer_accounts')}",
    "an e-mail is another account's too": "update raw.customer_accounts set email ="
    f" (select max(email) from raw.customer_accounts) where {one_of('raw.customer_accounts')}",
    "a tier changes": "update raw.customer_accounts set current_tier = case current_tier"
    " when 'Free' then 'Medium' else 'Free' end, updated_at = updated_at + interval '1 day'"
    f" where {one_of('raw.customer_accounts')}",
    "a price changes": "update raw.customer_pricing_plans set monthly_charge = monthly_charge + 1"
    f" where {one_of('raw.customer_pricing_plans')}",
    "a licence goes": f"delete from raw.customer_licenses where {one_of('raw.customer_licenses')}",
    "an interaction changes": "update raw.customer_interactions set status = 'Reopened',"
    f" completed_at = null where {one_of('raw.customer_interactions')}",
    "money is spent": "insert into raw.ad_spend select spend_date + interval '1 day', channel_sk,"
    f" amount * 2, currency from raw.ad_spend where {one_of('raw.ad_spend')}",
    "an install goes": "delete from raw.user_first_install_fact"
    f" where {one_of('raw.user_first_install_fact')}",
}
"""What happens in the other raw tables; each a statement about a row that the seed picks."""


def copy_schema(source: Warehouse, target: Warehouse, name: str) -> None:
    """Copy the tables of a schema, columns and rows and nothing else; those that stand are left."""
    reading, writing = source.connect(), target.connect()
    with reading, writing, reading.cursor() as read, writing.cursor() as write:
        write.execute(f"create schema if not exists {name}")
        read.execute(
            "select relname, string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', '"
            " order by attnum) from pg_class inner join pg_attribute on attrelid = pg_class.oid"
            " where relnamespace = to_regnamespace(%s) and relkind = 'r' and attnum > 0"
            " and not attisdropped group by relname",
            [name],
        )
        for table, columns in read.fetchall():
            write.execute("select to_regclass(%s)", [f"{name}.{table}"])
            if write.fetchone() == (None,):
                rows = io.BytesIO()
                write.execute(f"create table {name}.{table} ({columns})")
                read.copy_expert(f"copy {name}.{table} to stdout", rows)
                rows.seek(0)
                write.copy_expert(f"copy {name}.{table} from stdin", rows)
    reading.close()
    writing.close()


def marts_of(warehouse: Warehouse) -> list[str]:
    """Every mart that dbt knows of."""
    manifest = json.loads(
        (Path(warehouse.environ["DBT_TARGET_PATH"]) / "manifest.json").read_text()
    )
    return sorted(
        f"{node['schema']}.{node['alias']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    )


def rows_of(warehouse: Warehouse, relation: str) -> Counter[str]:
    """A relation's rows as text, and how often each is there."""
    return Counter(row for (row,) in warehouse.query(f"select t::text from {relation} as t"))


def differences(found: Warehouse, expected: Warehouse) -> dict[str, dict[str, list[str]]]:
    """By mart: rows that only one of two warehouses has (`except all`, both ways), some of them."""
    result = {}
    for mart in marts_of(found):
        ours, theirs = rows_of(found, mart), rows_of(expected, mart)
        if ours != theirs:
            result[mart] = {
                "only in the live one": list((ours - theirs).elements())[:3],
                "only in the new one": list((theirs - ours).elements())[:3],
            }
    return result


class Life(RuleBasedStateMachine):
    """A live warehouse, and what happens to it. A rule that can't be followed does nothing."""

    make_warehouse: Callable[..., Warehouse]
    archive: Warehouse
    events: list[tuple]
    is_plain: bool
    """Whether the raw table is one without key or note of arrival, or the receiver's own."""

    def __init__(self) -> None:
        super().__init__()
        self.live: Warehouse = self.make_warehouse("live", "live")
        self.waiting = list(self.events)
        self.arrived: list[tuple] = []
        self.slow: tuple[connection, list[tuple]] | None = None
        self.news = 0
        self.was_killed = False

    def teardown(self) -> None:
        if self.slow:
            self.slow[0].close()

    @initialize(number=st.sampled_from([0, 600, 1200]), luck=LUCK)
    def begin(self, number: int, luck: int) -> None:
        assume(luck)  # hypothesis begins with the simplest of all lives, which teaches little
        if self.is_plain:
            plain_table(self.live)
        else:
            session = self.live.connect()
            schema.ensure(session)
            session.close()
        copy_schema(self.archive, self.live, "raw")
        self.live.query(
            "create schema held; create table held.customer_accounts as"
            " select * from raw.customer_accounts where account_id % 3 = 0;"
            "delete from raw.customer_accounts where account_id % 3 = 0"
        )
        self.events_arrive(number, True, luck)

    def take(self, number: int, in_order: bool, luck: int) -> list[tuple]:
        """Take waiting events, the oldest or any, in any order."""
        chance = random.Random(luck)
        if not in_order:
            chance.shuffle(self.waiting)
        else:
            self.waiting.sort(key=lambda row: row[2])
        taken, self.waiting = self.waiting[:number], self.waiting[number:]
        return chance.sample(taken, len(taken))

    def deliver(self, rows: list[tuple]) -> None:
        session = self.live.connect()
        if self.is_plain:
            with session:
                insert(session, rows)
        else:
            copy_events(session, ((json.dumps(row[5]).encode(), None) for row in rows), "test")
        session.close()
        self.something_happened()

    def something_happened(self) -> None:
        """A build takes the time, so two or three things wait for one; but not for long."""
        self.news += 1
        if self.news == 3:
            self.a_build()

    @rule(number=SOME, in_order=st.booleans(), luck=LUCK)
    def events_arrive(self, number: int, in_order: bool, luck: int) -> None:
        rows = self.take(number, in_order, luck)
        self.arrived += rows
        self.deliver(rows)

    @rule(number=SOME, luck=LUCK)
    def events_arrive_again(self, number: int, luck: int) -> None:
        if self.arrived:
            self.deliver(random.Random(luck).choices(self.arrived, k=number))

    @rule(luck=LUCK)
    def an_id_comes_again_with_another_content(self, luck: int) -> None:
        if self.arrived:
            row = random.Random(luck).choice(self.arrived)
            payload = copy.deepcopy(row[5])
            payload["data"]["object"] |= {"currency": "chf", "status": "changed", "quantity": 77}
            self.deliver([(*row[:5], payload, row[6])])

    @rule(number=SOME, luck=LUCK)
    def a_slow_writer_begins_or_commits(self, number: int, luck: int) -> None:
        """Its received_at are the earliest of all, and builds pass before it commits."""
        if self.slow:
            session, rows = self.slow
            session.commit()
            session.close()
            self.slow = None
            self.arrived += rows
            self.something_happened()
        else:
            rows = self.take(number, False, luck)
            earliest = min(row[6] for row in self.events)
            session = self.live.connect()
            insert(session, [(*row[:6], earliest) for row in rows])
            self.slow = session, rows

    @rule(change=st.sampled_from(sorted(CHANGES)), luck=LUCK)
    def the_application_changes(self, change: str, luck: int) -> None:
        self.live.query(CHANGES[change], {"seed": str(luck)})
        self.something_happened()

    @rule(models=st.integers(0, 60), is_server=st.booleans())
    def a_build_is_killed(self, models: int, is_server: bool) -> None:
        """When so many models are made: dbt at once, or its sessions by the server."""
        if self.was_killed or not self.news:
            return
        command = [Path(sys.executable).with_name("dbt"), "--no-use-colors", *BUILD]
        ours = "from pg_stat_activity where datname = current_database()"
        ours += " and application_name = 'dbt'"
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.live.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        ) as process:
            made = 0
            for line in process.stdout:
                made += " OK " in line
                if made > models:
                    if is_server:
                        self.live.query(f"select pg_terminate_backend(pid) {ours}")
                    else:
                        os.killpg(process.pid, signal.SIGKILL)
                    break
            process.stdout.read()
        until = time.monotonic() + SECONDS_TO_LEAVE
        while self.live.query(f"select pid {ours}") and time.monotonic() < until:
            time.sleep(0.1)
        self.was_killed = True

    @rule()
    def a_build(self) -> None:
        """The marts are then those of a warehouse made from nothing."""
        if not self.news:
            return
        self.live.dbt(*BUILD, "--quiet")
        anew = self.make_warehouse("anew", "live")
        # What dbt has seen before can't be made from the raw rows.
        for name in ("raw", "seeds", "snapshots"):
            copy_schema(self.live, anew, name)
        anew.dbt("run", "--quiet")
        found = differences(self.live, anew)
        assert not found, json.dumps(found, indent=2)
        self.news = 0
        self.was_killed = False


@pytest.fixture(scope="module")
def archive(make_warehouse) -> None:
    """A made company, all of it; half of its Stripe customers do not say whose they are."""
    warehouse = make_warehouse("archive", "live")
    session = warehouse.connect()
    make(COMPANY, session)
    session.close()
    warehouse.query(
        "update raw.stripe_events set payload = payload #- '{data,object,metadata,account_id}'"
        " where payload #>> '{data,object,object}' = 'customer'"
        " and md5(payload #>> '{data,object,id}') < '8'"
    )
    Life.make_warehouse = staticmethod(make_warehouse)
    Life.archive = warehouse
    Life.events = warehouse.query(f"select {COLUMNS} from raw.stripe_events order by created, id")
    warehouse.query("drop table raw.stripe_events")


@pytest.mark.parametrize("number", LIVES)
@pytest.mark.usefixtures("archive")
def test_the_marts_do_not_remember_how_they_came_about(number):
    Life.is_plain = number % 2 == 0
    run_state_machine_as_test(
        seed(number)(Life),
        settings=settings(
            max_examples=1,
            stateful_step_count=25 if FULL else 10,
            deadline=None,
            # A failure is told as it came: making it shorter takes a build for each try.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )

"""`dogdb demo` and the tables: whole or not at all, twice is once, and others' rows stay."""

import contextlib
import datetime as dt
import json

import psycopg2
import pytest
from click.testing import CliRunner

from dogdb.cli import cli
from dogdb.demo.command import summary
from dogdb.demo.company import Company
from dogdb.demo.tables import TABLES
from dogdb.demo.write import make
from dogdb.errors import Failure

COMPANY = Company(12, 6, 3, dt.date(2025, 12, 31))
OTHER = Company(10, 6, 4, dt.date(2025, 12, 31))


@pytest.fixture
def server(make_warehouse):
    with contextlib.closing(make_warehouse("demo", "live").connect()) as connection:
        yield connection


def _value(server, query):
    with server.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _state(server):
    """Return what is there, with the transactions that wrote it."""
    names = [*TABLES, "stripe_events"]
    query = "select count(*) || ' ' || md5(string_agg(t::text || t.xmin, ',' order by t::text))"
    return {name: _value(server, f"{query} from raw.{name} as t") for name in names}


def test_events_keep_their_bytes_once(server):
    made = make(COMPANY, server)
    assert made.is_new
    assert _value(server, "select count(*) from raw.stripe_events") == made.events
    query = """
        select bool_and(
            convert_from(body, 'utf8')::jsonb = payload and sha256(body) = body_sha256
            and payload ->> 'id' = id and payload ->> 'type' = type
            and extract(epoch from created) = (payload ->> 'created')::bigint
            and (payload ->> 'livemode')::boolean = livemode and received_at > created
            and payload ->> 'api_version' = api_version and source = 'demo'
        ) from raw.stripe_events
    """
    assert _value(server, query)


def test_the_same_company_again_changes_nothing(server):
    make(COMPANY, server)
    before = _state(server)
    assert not make(COMPANY, server).is_new
    assert _state(server) == before


def test_another_company_only_with_replace(server):
    make(COMPANY, server)
    before = _state(server)
    server.commit()
    with pytest.raises(Failure, match="another made company"):
        make(OTHER, server)
    server.rollback()
    assert _state(server) == before
    made = make(OTHER, server, replace=True)
    assert _value(server, "select count(*) from raw.stripe_events") == made.events
    assert make(OTHER, server).is_new is False


def test_a_build_after_replace_reads_all_anew(server):
    make(COMPANY, server)
    with server.cursor() as cursor:
        cursor.execute(
            "create schema utilities; create table utilities.reads (reader text);"
            " insert into utilities.reads values ('a'); create schema snapshots;"
            " create table snapshots.account_tiers_seen as"
            " select account_id::bigint, current_tier from raw.customer_accounts;"
            " insert into snapshots.account_tiers_seen values (1, 'Free')"
        )
    server.commit()
    make(COMPANY, server)
    assert _value(server, "select count(*) from utilities.reads") == 1
    make(OTHER, server, replace=True)
    assert _value(server, "select count(*) from utilities.reads") == 0
    assert _value(server, "select array_agg(account_id) from snapshots.account_tiers_seen") == [1]


@pytest.mark.parametrize("day", [1, 2, 3, 4])
def test_a_company_of_a_few_days(tmp_path, day):
    arguments = ["demo", "--accounts", "60", "--months", "1", "--end", f"2025-02-0{day}"]
    path = tmp_path / "a.jsonl"
    result = CliRunner().invoke(cli, [*arguments, "--files-only", "--jsonl", str(path)])
    if day < 3:
        assert "a company of one month ends on its day 3 or later" in result.output
        assert result.exit_code == 2
    else:
        assert result.exit_code == 0, result.exception
        assert len(path.read_text()) > 10_000


def test_what_to_do_next_is_told(server):
    assert "DOGDB_RAW=live" in summary(make(COMPANY, server), 1)
    assert "DOGDB_RAW=live" not in summary(make(COMPANY, server), 1)


def test_rows_of_others_are_refused_and_never_touched(server):
    make(COMPANY, server)
    with server.cursor() as cursor:
        cursor.execute("insert into raw.ad_spend values ('2024-01-01', 1, 1, 'usd')")
        cursor.execute("update raw.customer_accounts set email = 'x' where account_id = 1001")
    server.commit()
    with pytest.raises(Failure, match="did not make"):
        make(OTHER, server)
    server.rollback()
    make(OTHER, server, replace=True)
    assert _value(server, "select count(*) from raw.ad_spend where amount = 1") == 1
    assert _value(server, "select count(*) from raw.customer_accounts where email = 'x'") == 1
    assert not make(OTHER, server).is_new


def test_a_failure_leaves_nothing(server):
    def stops(found):
        yield next(found)
        raise RuntimeError("stopped")

    with pytest.raises((RuntimeError, psycopg2.Error)):
        make(COMPANY, server, progress=stops)
    server.rollback()
    assert _value(server, "select count(*) from raw.stripe_events") == 0
    assert _value(server, "select to_regclass('raw.customer_accounts')") is None


def test_files_need_no_server(tmp_path, monkeypatch):
    monkeypatch.setenv("PGHOST", "/nowhere")
    truth, events = tmp_path / "truth.jsonl", tmp_path / "events.jsonl"
    arguments = ["demo", "--accounts", "5", "--months", "3", "--files-only"]
    files = ["--truth", str(truth), "--jsonl", str(events)]
    result = CliRunner().invoke(cli, [*arguments, *files])
    assert result.exit_code == 0, result.output
    for path in (truth, events):
        assert all(json.loads(line) for line in path.read_text().splitlines())
    assert CliRunner().invoke(cli, arguments).exit_code == 1

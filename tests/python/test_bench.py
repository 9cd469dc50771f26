"""`dogdb bench` goes the whole way and leaves nothing behind. How fast is nothing to assert."""

import json
import subprocess
import sys
import time
from contextlib import closing, suppress

import pytest
from click.testing import CliRunner

import forked_dbt
from dogdb import bench, cli, database, dbt
from dogdb.project import ROOT

pytestmark = pytest.mark.usefixtures("make_warehouse")  # which starts the server


def databases() -> set[str]:
    """Return the databases' names, but for those that other tests make meanwhile."""
    with closing(database.connect("postgres")) as server, server.cursor() as cursor:
        cursor.execute(r"select datname from pg_database where datname not like 'dogdb\_test\_%'")
        return {name for (name,) in cursor.fetchall()}


def forked(*arguments: str) -> int:
    """Run dbt as `dbt.run` does, in a process that need not load it first."""
    place = {"DBT_PROFILES_DIR": str(ROOT), "DBT_LOG_LEVEL_FILE": "none"}
    code, printed = forked_dbt.run(arguments, database.environment() | place)
    print(printed)
    return code


def test_a_tiny_bench_tells_every_part_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(dbt, "run", forked)
    before = databases()
    size = ("--accounts", "3", "--months", "2", "--growth", "1")
    done = CliRunner().invoke(cli.cli, ["bench", *size, "--json", str(tmp_path / "bench.json")])
    assert done.exit_code == 0, done.output
    (found,) = json.loads((tmp_path / "bench.json").read_text())["sizes"]
    for part in bench.PARTS:
        assert f"{part} " in done.output
        assert found["parts"][part] > 0
    assert found["good_pass"] > 0
    assert found["nodes"]["stg_stripe__events"] > 0
    assert databases() <= before


def test_a_failed_bench_leaves_nothing_either(monkeypatch):
    monkeypatch.setenv("PGDATABASE", "kept")
    with suppress(KeyboardInterrupt), database.temporary_database("dogdb_bench_test"):
        assert database.environment()["PGDATABASE"] == "dogdb_bench_test"
        assert "dogdb_bench_test" in databases()
        raise KeyboardInterrupt
    assert database.environment()["PGDATABASE"] == "kept"
    assert "dogdb_bench_test" not in databases()


def test_a_bench_that_is_told_to_end_leaves_nothing_either():
    database.drop_database("dogdb_bench_1")
    before = databases()
    command = [sys.executable, "-m", "dogdb.cli", "bench", "--accounts", "1", "--months", "1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as bench:
        while "dogdb_bench_1" not in databases():
            assert bench.poll() is None
            time.sleep(0.1)
        bench.terminate()
        assert bench.wait(20) == 1
        assert bench.stderr.read().endswith(b"ended by SIGTERM\n")
    assert databases() <= before


def test_time_in_which_two_nodes_are_at_work_counts_once():
    assert bench.covered([]) == 0
    assert bench.covered([(5, 6), (0, 2), (1, 3), (1.5, 1.7), (3, 4)]) == 5

"""The command line as it is used: ended by signals, by several at once, by terminals."""

import importlib.util
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest
from click.testing import CliRunner

from dogdb import analyses, cli, dbt
from dogdb import database as server
from dogdb.errors import Failure
from dogdb.events import schema
from dogdb.project import ROOT, only_one

DOGDB = (sys.executable, "-m", "dogdb.cli")


def wait_until(is_so: Callable[[], object], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "in vain"
        time.sleep(0.05)


def obey() -> None:
    """Signals end a process, also where these tests run in the background (nohup, &)."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def begun(*arguments: str, **how: object) -> Iterator[subprocess.Popen]:
    """Run a command; whatever becomes of it, it ends with the block."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*DOGDB, *arguments], **pipes | {"preexec_fn": obey} | how) as command:
        try:
            yield command
        finally:
            command.kill()


def helpers(command: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(command.pid).children(recursive=True)


def end(command: subprocess.Popen, number: signal.Signals) -> str:
    """Signal a command and nothing else; return what it said, when it and its helpers are gone."""
    them = helpers(command)
    command.send_signal(number)
    try:
        assert command.wait(20) == (-number if number == signal.SIGKILL else 1)
        _, left = psutil.wait_procs(them, timeout=5)
    finally:
        for one in them:
            if one.is_running():
                one.kill()
    assert left == []
    return "" if number == signal.SIGKILL else command.stderr.read()


def test_a_killed_server_that_nobody_has_noticed_runs_no_more(monkeypatch, tmp_path):
    """In a container whose first process does not look after its children it stays for ever."""
    program = tmp_path / "postgres"
    program.symlink_to("/bin/sleep")
    monkeypatch.setattr(server, "data_folder", lambda: tmp_path)
    with subprocess.Popen([program, "60"]) as process:
        (tmp_path / "postmaster.pid").write_text(f"{process.pid}\n")
        assert server.is_running()
        process.kill()
        while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        assert not server.is_running()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_dbt_ends_with_the_build(database, number):
    def is_at_work() -> bool:
        return any("dogdb.dbt" in one.cmdline() for one in helpers(command))

    with begun("build", "--select", "util_months") as command:
        wait_until(is_at_work)
        time.sleep(0.5)  # in which it begins
        said = end(command, number)
    assert number == signal.SIGKILL or said.endswith(f"ended by {number.name}\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_parser_ends_with_the_load(database, number):
    line = '{"id": "evt_%d", "type": "t", "created": 1700000000}\n'
    with begun("load", "-", stdin=subprocess.PIPE) as command:
        command.stdin.writelines(line % number for number in range(5_000))
        command.stdin.flush()  # and more may come
        wait_until(lambda: helpers(command))
        time.sleep(0.5)
        end(command, number)


def test_the_makers_end_with_the_demo(tmp_path):
    size = ("--accounts", "20000", "--months", "24")
    with begun("demo", *size, "--files-only", "--jsonl", str(tmp_path / "a.jsonl")) as command:
        wait_until(lambda: len(helpers(command)) > 1)
        time.sleep(0.5)
        end(command, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_waits_for_the_database_ends_too(database, number, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "evt_1", "type": "t", "created": 1700000000}\n')
    schema.ensure_now()
    with closing(server.connect()) as session, session.cursor() as cursor:
        cursor.execute("lock table raw.stripe_events")
        with begun("load", str(path)) as command, closing(server.connect()) as other:
            with other.cursor() as waiting:
                wait_until(lambda: blocked(waiting))
            end(command, number)


CLEANS_UP = """
import time
from dogdb import database, processes
processes.end_on_signals(database.cancel)
connection = database.connect()
try:
    print("begun", flush=True)
    time.sleep(30)
finally:
    for _ in range(100):
        connection.cursor().execute("select pg_sleep(0.01)")
    print("cleaned up", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_cleans_up_at_the_end_is_not_cut_off(database, number):
    command = [sys.executable, "-c", CLEANS_UP]
    how = {"stdout": subprocess.PIPE, "text": True, "preexec_fn": obey}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **how) as cleaning:
        assert cleaning.stdout.readline() == "begun\n"
        cleaning.send_signal(number)
        assert cleaning.stdout.read() == "cleaned up\n"


def blocked(cursor) -> bool:
    cursor.execute(
        "select from pg_locks where not granted and database ="
        " (select oid from pg_database where datname = current_database())"
    )
    return cursor.rowcount > 0


def test_a_signal_that_is_ignored_stays_so(database):
    def ignore() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with begun("load", "-", stdin=subprocess.PIPE, preexec_fn=ignore) as command:
        time.sleep(1)
        os.kill(command.pid, signal.SIGHUP)
        assert command.communicate("")[0] == (
            "read 0, new 0, duplicates 0, conflicts 0, quarantined 0\n"
        )


def test_an_answer_is_to_the_question_that_was_asked(database, monkeypatch, tmp_path):
    """Whatever another dbt has written in the same folder meanwhile."""
    path = Path("analyses/account_on_a_day.sql")
    run = dbt.run

    def disturbed(*arguments: str, **how: object) -> int:
        code = run(*arguments, **how)
        (written,) = tmp_path.rglob(path.name)
        written.write_text("select 'of another'")
        return code

    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    monkeypatch.setattr(dbt, "run", disturbed)
    assert "account_id = 1009" in dbt.compiled(path, "{account_id: 1009}")
    with pytest.raises(Failure, match=r"can't be compiled: .*it names two$"):
        dbt.compiled(Path("analyses/policies_compared.sql"), "{policies: [stripe]}")


@pytest.mark.parametrize("text", ["[annual]", "[/annual]", "[bold]b[/bold]", ""])
def test_an_answer_is_shown_as_it_is(database, monkeypatch, capsys, text):
    monkeypatch.setattr(analyses, "compiled", lambda *_: f"select '{text}' as \"plan\", 1")
    analyses.show("account_on_a_day")
    assert capsys.readouterr().out.splitlines()[1].split() == [*text.split(), "1"]


def test_a_question_before_the_first_build_says_what_to_do(database):
    with pytest.raises(
        Failure, match=r'"finance.subscription_periods" does not exist; `dogdb build`'
    ):
        analyses.show("account_on_a_day")


def test_a_question_changes_nothing(database, monkeypatch):
    for query in ("select 1; create table made ()", "select 1; commit; create table made ()"):
        monkeypatch.setattr(analyses, "compiled", lambda *_, query=query: query)
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            analyses.show("account_on_a_day")


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--port", "70000"),
        ("serve", "--path", "webhook"),
        ("serve", "--queue", "0"),
        ("serve", "--body-seconds", "0"),
        ("docs", "--port", "70000"),
        ("bench", "--json", "/bad/x"),
        ("demo", "--files-only", "--truth", "/bad/x"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_done(monkeypatch, arguments):
    monkeypatch.setenv("PGHOST", "/nowhere")
    result = CliRunner().invoke(cli.cli, arguments)
    assert result.exit_code == 2
    assert "Invalid value" in result.output


def test_an_empty_variable_is_one_that_is_not_set():
    filled = server.environment({"PGHOST": "", "PGPORT": "", "PGUSER": "", "PGDATABASE": ""})
    assert filled == server.environment({})
    elsewhere = {"PGHOST": "db.example", "PGUSER": "", "PGSSLMODE": "", "OTHER": ""}
    assert server.environment(elsewhere) == {
        "PGHOST": "db.example",
        "PGPORT": "5432",
        "PGUSER": "dogdb",
        "PGDATABASE": "dogdb",
        "OTHER": "",
    }


def test_how_to_connect_is_told_in_full(monkeypatch):
    for name in server.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGHOST", "/a b")
    monkeypatch.setenv("PGPORT", "6543")
    told = "PGHOST='/a b' PGPORT=6543 PGUSER=dogdb PGDATABASE=dogdb"
    assert server.how_to_connect() == told


def test_a_server_that_does_not_answer_is_not_waited_for(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(server, "CONNECT_SECONDS", 2)
        monkeypatch.setenv("PGHOST", "127.0.0.1")
        monkeypatch.setenv("PGPORT", str(silent.getsockname()[1]))
        began = time.monotonic()
        with pytest.raises(Failure, match="timeout"):
            server.connect()
        assert time.monotonic() - began < 6


def test_the_server_is_told_no_secret_of_stripes(monkeypatch, tmp_path):
    monkeypatch.setenv("STRIPE_API_KEY", "secret")
    seen = tmp_path / "seen"
    server._run(["sh", "-c", f"env > {seen}"], "looking")
    assert "PATH=" in seen.read_text()
    assert "STRIPE_API_KEY" not in seen.read_text()


def test_an_interrupt_leaves_the_prompt_open(database):
    def read_until(end: bytes) -> None:
        heard = b""
        while end not in heard:
            assert select.select([controller], [], [], 20)[0], heard
            heard += os.read(controller, 1_000)

    controller, terminal = pty.openpty()
    files = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    command = [*DOGDB, "psql", "--pset=pager=off"]
    with subprocess.Popen(command, start_new_session=True, **files) as prompt:
        try:
            read_until(b"=# ")
            os.killpg(prompt.pid, signal.SIGINT)
            read_until(b"=# ")
            os.write(controller, b"select 40 + 2;\n")
            read_until(b"42")
            os.write(controller, b"\\q\n")
            assert prompt.wait(20) == 0
        finally:
            prompt.kill()
    os.close(controller)
    os.close(terminal)


def test_an_active_environment_is_not_set_up_anew(monkeypatch):
    place = importlib.util.spec_from_file_location("install", ROOT / "scripts" / "install.py")
    install = importlib.util.module_from_spec(place)
    place.loader.exec_module(install)
    within = install.fingerprint()
    monkeypatch.setattr(sys, "executable", sys._base_executable)
    assert install.fingerprint() == within


def test_the_folder_of_the_state_is_its_owners_alone(tmp_path):
    with only_one("test", tmp_path / "state" / "test.lock"):
        assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700

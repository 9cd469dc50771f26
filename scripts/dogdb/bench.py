"""`dogdb bench`: what each part of the way costs, as a ratio to one good pass over the payloads.

A made company, twice: at one size and at a larger one, each in a database of its own. The good pass
counts twelve fields of every event's object, which it takes out of the payload once; it is the best
of several, before and after all else. On whatever machine, a part's ratio says how far it is from
what PostgreSQL must do at least, and the growth between two sizes whether it is linear.

Wholes are wall clock. Of one build's run, the parts of it (typed tables, marts) are the time in
which any of their nodes was at work, as dbt's run_results.json tells; they may overlap.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

import click
import psutil
from psycopg2.extensions import connection
from rich.console import Console
from rich.table import Table

from dogdb import database, dbt, packages
from dogdb.demo.company import Company
from dogdb.demo.produce import Piece, Wanted, pieces
from dogdb.demo.write import Made, ensure_tables, to_database
from dogdb.errors import Failure
from dogdb.events import schema
from dogdb.events.load import load
from dogdb.events.store import COLUMNS

FIELDS = (
    *("id", "object", "customer", "status", "amount", "currency", "created", "description"),
    *("invoice", "subscription", "payment_intent", "livemode"),
)
GOOD_PASS = f"""
select {", ".join(f"count(object ->> '{name}')" for name in FIELDS)}
from raw.stripe_events
cross join lateral (select payload -> 'data' -> 'object' as object offset 0) as opened
"""  # noqa: S608 - constants
PASSES = 5

COPIED_ROWS = 40_000
"""How many rows at most the COPY for reference takes; its time is scaled to all of them."""

LATER_SHARE = 1_000
"""One in so many events arrives a day later, and as many, the newest, one more day later."""

NO_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
SAMPLE_SECONDS = 0.5
SLOWEST, WIDTH = 8, 100

WHOLE, ALONE, DAY = "events to all marts", "typed tables alone", "one more day of them"
TYPED = ("--select", "path:models/staging/stripe")
PARTS = (
    *("generating", "loading", "plain COPY", WHOLE, "typed tables", "marts"),
    *("data tests", "nothing new", "one more day", "full refresh", ALONE, DAY),
)
NOTE = f"""
generating, to JSON lines; loading them, each event once; a plain COPY of the
same rows, for reference; one dbt build without tests, and of it the time in
which typed tables (staging) and marts (all that follows) were at work; the data
tests; the build again with nothing new; again with 1/{LATER_SHARE} more events, and now a
day later; again from the raw rows on; the typed tables once more, with nothing
beside them, and with 1/{LATER_SHARE} more events again.
"""


@dataclass
class Measured:
    """One size: seconds of the good pass, of the parts and of the nodes; peak memory in bytes."""

    accounts: int
    months: int
    events: int = 0
    payload_bytes: int = 0
    good_pass: float = 0.0
    parts: dict[str, float] = field(default_factory=dict)
    nodes: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)


class Memory:
    """The peak, while a block runs, of what the server and dbt hold in memory (Linux only).

    Shared pages count once (PSS), so shared buffers are in it as far as they have been touched.
    """

    def __init__(self, connection: connection) -> None:
        self.peak: dict[str, int] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._server = None
        if sys.platform == "linux" and not database.is_external():
            self._server = psutil.Process(connection.info.backend_pid).parent()

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            now = {
                "server": _held([self._server, *self._server.children()]),
                "dbt": _held(psutil.Process().children(recursive=True)),
            }
            now["together"] = now["server"] + now["dbt"]
            self.peak = {name: max(now[name], self.peak.get(name, 0)) for name in now}

    def __enter__(self) -> "Memory":
        if self._server:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._done.set()
            self._thread.join()


def _held(processes: Iterable[psutil.Process]) -> int:
    """Return what processes hold in memory, shared pages divided among those that share them."""
    total = 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue  # ended, or not ours to look into
    return total


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return how long at least one of some spans lasted."""
    total, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


def _dbt(*arguments: str) -> None:
    if dbt.run("--quiet", *arguments):
        raise Failure(f"dbt {arguments[0]} failed; its last lines above say where")


def _spans(target: Path) -> dict[str, tuple[str, float, float]]:
    """Return of each node of dbt's last run the folder of models it is in, its start and end."""
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    found = {}
    for result in json.loads((target / "run_results.json").read_text())["results"]:
        node = nodes.get(result["unique_id"])  # an exposure is none
        for timing in result["timing"] if node else []:
            if timing["name"] == "execute" and timing["completed_at"]:
                ends = (timing["started_at"], timing["completed_at"])
                start, end = (datetime.fromisoformat(at).timestamp() for at in ends)
                found[node["name"]] = (node["fqn"][1], start, end)
    return found


@contextmanager
def _environment(**settings: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _generate(company: Company, path: Path) -> tuple[list[Piece], Made]:
    """Write the events, each once; return the other tables' rows, in pieces, and the counts."""
    made, kept = Made(), []
    with path.open("wb") as file:
        for piece in pieces(company, Wanted(rows=True, jsonl=True)):
            file.writelines(dict.fromkeys(piece.jsonl.splitlines(keepends=True)))
            made.events += piece.events
            kept.append(replace(piece, jsonl=b"", rows=b""))
    return kept, made


def _plain_copy(connection: connection, events: int) -> float:
    """Return the seconds of a COPY, in text format, of the events' rows into a like table."""
    with connection, connection.cursor() as cursor, tempfile.TemporaryFile() as rows:
        cursor.execute("create table raw.copied (like raw.stripe_events including all)")
        source = f"(select {COLUMNS} from raw.stripe_events limit {COPIED_ROWS})"  # noqa: S608
        cursor.copy_expert(f"copy {source} to stdout", rows)
        connection.commit()
        rows.seek(0)
        start = time.perf_counter()
        cursor.copy_expert(f"copy raw.copied ({COLUMNS}) from stdin", rows, 1 << 20)
        count = cursor.rowcount
        connection.commit()
        seconds = time.perf_counter() - start
        cursor.execute("drop table raw.copied")
    return seconds * events / max(count, 1)


def _hold_back(connection: connection, events: int) -> None:
    """Take the newest events out of the raw table, into one beside it: two days of them."""
    of_a_day = max(1, events // LATER_SHARE)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            f"create table raw.later as select {COLUMNS},"  # noqa: S608
            " 2 - (row_number() over (order by created desc, id) - 1) / %s as days"
            " from raw.stripe_events"
            " where quarantine_reason is null order by created desc, id limit %s",
            [of_a_day, 2 * of_a_day],
        )
        cursor.execute("delete from raw.stripe_events where id in (select id from raw.later)")


def _let_arrive(connection: connection, days: int) -> None:
    with connection, connection.cursor() as cursor:
        cursor.execute(
            f"insert into raw.stripe_events ({COLUMNS}) select {COLUMNS} from raw.later"  # noqa: S608
            " where days = %s",
            [days],
        )


def _settle() -> None:
    """Do what the server would otherwise do by itself, beside what is measured next."""
    with closing(database.connect()) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("vacuum (analyze, skip_locked)")


def _good_pass(connection: connection) -> float:
    seconds = []
    with connection, connection.cursor() as cursor:
        for _ in range(1 + PASSES):
            start = time.perf_counter()
            cursor.execute(GOOD_PASS)
            seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def measure(company: Company, target: Path, console: Console) -> Measured:
    """Go the whole way in the database that PGDATABASE names.

    Args:
        company: what to make.
        target: a folder for dbt's artifacts and for the events' file; DBT_TARGET_PATH names it.
        console: where to say what is being done.

    Raises:
        Failure: where a part fails.
    """
    found = Measured(company.accounts, company.months)
    size = f"{company.accounts:,} accounts"

    @contextmanager
    def part(name: str) -> Iterator[None]:
        start = time.perf_counter()
        with console.status(f"{size}: {name}"):
            yield
        found.parts[name] = time.perf_counter() - start
        console.print(f"{size}: {name} {found.parts[name]:.1f} s")

    path = target / "events.jsonl"
    with part("generating"):
        kept, made = _generate(company, path)
    found.events, found.payload_bytes = made.events, path.stat().st_size
    with part("loading"):
        load([str(path)])
    path.unlink()
    with closing(database.connect()) as server:
        with server, server.cursor() as cursor:
            ensure_tables(cursor)
            to_database(server, company, iter(kept), made)
        found.parts["plain COPY"] = _plain_copy(server, made.events)
        _hold_back(server, made.events)
        found.good_pass = _good_pass(server)
        _dbt("parse")
        with part(WHOLE):
            _dbt("build", *NO_TESTS)
        spans = _spans(target)
        found.nodes = {name: end - start for name, (_, start, end) in spans.items()}
        staging = [span[1:] for span in spans.values() if span[0] == "staging"]
        others = [span[1:] for span in spans.values() if span[0] != "staging"]
        found.parts |= {"typed tables": covered(staging), "marts": covered(others)}
        with part("data tests"):
            _dbt("test", "--exclude-resource-type", "unit_test")
        with part("nothing new"):
            _dbt("build", *NO_TESTS)
        _let_arrive(server, days=1)
        with part("one more day"):
            _dbt("build", *NO_TESTS)
        with part("full refresh"), Memory(server) as memory:
            _dbt("build", "--full-refresh", *NO_TESTS)
        found.memory = memory.peak
        with console.status(f"{size}: {ALONE}"):
            _settle()
            _dbt("run", "--full-refresh", *TYPED)
        found.parts[ALONE] = covered(span[1:] for span in _spans(target).values())
        _let_arrive(server, days=2)
        with console.status(f"{size}: {DAY}"):
            _dbt("run", *TYPED)
        found.parts[DAY] = covered(span[1:] for span in _spans(target).values())
        found.good_pass = min(found.good_pass, _good_pass(server))
    return found


def idle() -> float:
    """Return the seconds of a build without tests, of no rows at all, that stands already."""
    _dbt("parse")
    _dbt("build", *NO_TESTS)
    start = time.perf_counter()
    _dbt("build", *NO_TESTS)
    return time.perf_counter() - start


def _growth(values: list[float]) -> list[str]:
    """Return how much more the last size takes than the first, where there are two."""
    return [f"{values[-1] / values[0]:.2f}" if values[0] else ""] if len(values) > 1 else []


def _table(title: str, found: list[Measured], *columns: str) -> Table:
    table = Table(columns[0], title=title, title_justify="left", box=None)
    for one in found:
        for column in columns[1:]:
            table.add_column(f"{one.accounts:,}: {column}", justify="right")
    if len(found) > 1:
        table.add_column("growth", justify="right")
    return table


def _row(found: list[Measured], seconds: list[float]) -> list[str]:
    cells = []
    for one, value in zip(found, seconds, strict=True):
        cells += [f"{value:.2f}", f"{value / one.good_pass:.1f}"]
    return cells + _growth(seconds)


def show(found: list[Measured], idle_seconds: float, console: Console) -> None:
    """Print the parts, the slowest nodes and the memory, all sizes side by side."""
    for one in found:
        console.print(
            f"{one.accounts:,} accounts, {one.months} months: {one.events:,} events,"
            f" {one.payload_bytes / 1e6:,.0f} MB; good pass {one.good_pass:.3f} s"
        )
    parts = _table("\nWall clock, and in good passes", found, "part", "s", "passes")
    parts.add_row("good pass", *_row(found, [one.good_pass for one in found]))
    for name in PARTS:
        indent = "  " if name in ("plain COPY", "typed tables", "marts", DAY) else ""
        parts.add_row(indent + name, *_row(found, [one.parts[name] for one in found]))
    console.print(parts)
    console.print(NOTE.rstrip(), soft_wrap=True)
    of_alone = " and ".join(f"{one.parts[DAY] / one.parts[ALONE]:.1%}" for one in found)
    console.print(f"\nOne more day of the typed tables takes {of_alone} of all of them.")
    beyond = [
        f"{max(0, one.parts['one more day'] - idle_seconds) / one.parts['full refresh']:.0%}"
        for one in found
    ]
    console.print(
        f"dbt itself takes {idle_seconds:.1f} s for a build of no rows; beyond that one more day"
        f" takes {' and '.join(beyond)} of a full refresh."
    )
    last = found[-1].nodes
    nodes = _table(
        "\nThe slowest nodes of that build, by dbt's clock", found, "node", "s", "passes"
    )
    for name in sorted(last, key=last.get, reverse=True)[:SLOWEST]:
        nodes.add_row(name, *_row(found, [one.nodes[name] for one in found]))
    console.print(nodes)
    if all(one.memory for one in found):
        memory = _table("\nPeak memory of the full refresh", found, "of", "MB")
        for name in found[0].memory:
            held = [one.memory[name] for one in found]
            memory.add_row(name, *(f"{one / 1e6:,.0f}" for one in held), *_growth(held))
        console.print(memory)


def run(
    accounts: int, months: int, growth: int, seed: int, keep: bool, receiver: bool, to: Path | None
) -> None:
    """Measure and print; the arguments are the command's options.

    Raises:
        Failure: where a part fails.
    """
    click.echo(database.up())
    click.echo(packages.ensure())
    console = Console(stderr=True, highlight=False)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        places = {"DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder, "DOGDB_RAW": "live"}
        # Under the first size's name, for which dbt then has parsed.
        with database.temporary_database("dogdb_bench_1"), _environment(**places):
            idle_seconds = idle()
        for number, count in enumerate(sorted({accounts, accounts * growth}), 1):
            company = Company(count, months, seed, datetime(2025, 12, 31).date())
            name = f"dogdb_bench_{number}"
            with database.temporary_database(name, keep), _environment(**places):
                with closing(database.connect()) as connection:
                    schema.ensure(connection)
                found.append(measure(company, Path(folder), console))
            if keep:
                click.echo(f"database {name} stays", err=True)
    output = Console(highlight=False)
    if not output.is_terminal:
        output.width = WIDTH
    show(found, idle_seconds, output)
    result = {"idle": idle_seconds, "sizes": [asdict(one) for one in found]}
    if receiver:
        from dogdb.events.bench import receiving

        received = receiving()
        result["receiver"] = asdict(received) | {"units": received.units}
        click.echo(
            f"\nreceiver: {received.units:.2f} units of CPU per event, a unit being PostgreSQL's"
            f" for one commit of the row; {received.events_per_second:,.0f} events/s"
        )
    if to:
        to.write_text(json.dumps(result, indent=2) + "\n")

"""What every test may ask for: an empty database, and a built warehouse."""

import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg2 import sql
from psycopg2.extensions import connection

import forked_dbt
import published
from dogdb import database as server
from dogdb.project import ROOT

FULL = bool(os.environ.get("DOGDB_TEST_FULL"))
"""Whether the proofs run with large numbers (`dogdb test --full`)."""

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
"""What spares dbt the unit tests, which say the same of any data."""

LONGEST = ("test_build", "test_stripe_reading", "test_touched", "test_incremental", "test_licenses")
"""The files that take longest, first: so the processes that share the files end together."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let new numbers be published."""
    parser.addoption("--publish", action="store_true", help="take the marts' numbers as they are")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


class Warehouse:
    """A database of its own, with dbt to build it and queries to look at it."""

    def __init__(self, name: str, target: Path, raw: str) -> None:
        self.name = name
        self.environ = os.environ | server.environment()
        self.target = target
        self.environ |= {"PGDATABASE": name, "DOGDB_RAW": raw, "DBT_TARGET_PATH": str(target)}
        self.environ |= {"DBT_PROFILES_DIR": str(ROOT), "DBT_LOG_PATH": str(target / "logs")}
        # A tenth of dbt's time goes into a log that no test reads.
        self.environ |= {"DBT_LOG_LEVEL_FILE": "none"}

    def dbt(self, *arguments: str, succeeds: bool = True, vars: str = "", **environ: str) -> str:
        """Run dbt and return what it printed, without colours."""
        if vars:
            arguments = (*arguments, "--vars", vars)
            environ["DBT_TARGET_PATH"] = str(self.target_of(vars))
        code, printed = forked_dbt.run(("--no-use-colors", *arguments), self.environ | environ)
        assert (code == 0) == succeeds, printed
        return printed

    def build(self, *arguments: str, vars: str = "") -> str:
        """Build everything but the unit tests."""
        return self.dbt("build", "--quiet", *NO_UNIT_TESTS, *arguments, vars=vars)

    def target_of(self, vars: str) -> Path:
        """A folder for each choice of vars: in one for all, dbt would parse at every change."""
        return self.target / hashlib.md5(vars.encode()).hexdigest() if vars else self.target

    def analyses(self, *names: str, vars: str = "") -> list[str]:
        """The SQL of some analyses."""
        self.dbt("compile", "--quiet", "--select", *names, vars=vars)
        folder = self.target_of(vars) / "compiled" / "dogdb" / "analyses"
        return [(folder / f"{name}.sql").read_text() for name in names]

    def connect(self) -> connection:
        return server.connect(self.name)

    def query(self, text: str, values: object = None) -> list[tuple]:
        """Run one statement and return its rows, none where it has none."""
        session = self.connect()
        with session, session.cursor() as cursor:
            cursor.execute(text, values)
            rows = cursor.fetchall() if cursor.description else []
        session.close()
        return rows


@pytest.fixture(scope="session")
def make_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Warehouse]]:
    """A function that makes an empty database; all of them go when the tests end.

    A label's database is made anew under the same name, so that dbt parses once for it.
    """
    server.up()
    session = f"dogdb_test_{uuid.uuid4().hex[:8]}"
    targets: dict[str, Path] = {}
    administrator = server.connect("postgres")
    administrator.autocommit = True

    def drop(label: str) -> None:
        with administrator.cursor() as cursor:
            name = sql.Identifier(f"{session}_{label}")
            cursor.execute(sql.SQL("drop database if exists {} with (force)").format(name))

    def make(label: str, raw: str) -> Warehouse:
        drop(label)
        server.create_database(f"{session}_{label}")
        target = targets.setdefault(label, tmp_path_factory.mktemp(label))
        return Warehouse(f"{session}_{label}", target, raw)

    yield make
    for label in targets:
        drop(label)
    administrator.close()


@pytest.fixture(scope="session")
def seeded(make_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """The warehouse as `dbt build` makes it of the seeds. Look, do not touch."""
    warehouse = make_warehouse("seeds", "seeds")
    warehouse.build()
    return warehouse


@pytest.fixture
def empty(make_warehouse: Callable[..., Warehouse]) -> Warehouse:
    """An empty database, its live raw tables still to come."""
    return make_warehouse("live", "live")


@pytest.fixture
def database(make_warehouse: Callable[..., Warehouse], monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, named by PGDATABASE while the test runs."""
    name = make_warehouse("events", "live").name
    monkeypatch.setenv("PGDATABASE", name)
    return name


@pytest.fixture
def stays_as_published(request: pytest.FixtureRequest) -> Callable[[Warehouse, str], None]:
    """Fails where the marts say another thing than was published of some data."""

    def check(warehouse: Warehouse, data: str) -> None:
        now = published.told(warehouse.query)
        if request.config.getoption("publish"):
            published.write(data, now)
        moved = published.moved(published.read(data), now)
        assert not moved, (
            f"other numbers of {data}; where that is meant, pytest --publish\n" + "\n".join(moved)
        )

    return check

"""What the tests share."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest
from dogdb import database as server
from psycopg2 import sql


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh, empty database on the server in use, named by PGDATABASE while the test runs."""
    server.up()
    name = f"dogdb_test_{os.getpid()}"
    server.create_database(name)
    monkeypatch.setenv("PGDATABASE", name)
    yield name
    with closing(server.connect("postgres")) as connection:
        connection.autocommit = True
        drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        connection.cursor().execute(drop)

"""The project's analyses, run against the marts and printed whole."""

from pathlib import Path

import psycopg2
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dogdb import database
from dogdb.dbt import compiled
from dogdb.errors import Failure
from dogdb.project import ROOT

LINE_WIDTH = 1000
"""Wide enough for every row to stay on one line, whatever the terminal."""


def names() -> list[str]:
    """Return the names of the analyses, sorted."""
    return sorted(path.stem for path in (ROOT / "analyses").glob("*.sql"))


def show(name: str, variables: str = "{}") -> None:
    """Run an analysis and print its rows.

    Args:
        name: one of `names()`.
        variables: dbt's vars as YAML.

    Raises:
        Failure: where there is no such analysis, dbt can't compile it, or what it
            reads has not been built.
    """
    if name not in names():
        raise Failure(f"no analysis is called {name}; there are {', '.join(names())}")
    query = compiled(Path("analyses") / f"{name}.sql", variables)
    connection = database.connect()
    # A var becomes part of the query, whatever it is.
    connection.set_session(readonly=True, autocommit=True)
    with connection, connection.cursor() as cursor:
        try:
            cursor.execute(query)
        except (psycopg2.errors.UndefinedTable, psycopg2.errors.InvalidSchemaName) as error:
            missing = str(error).splitlines()[0]
            raise Failure(f"{missing}; `dogdb build` makes what {name} reads") from error
        table = Table(*(column.name for column in cursor.description), box=None)
        for row in cursor:
            table.add_row(*(Text("" if value is None else str(value)) for value in row))
    connection.close()
    Console(highlight=False, width=LINE_WIDTH).print(table)

"""What stands after a build: rows per mart, the last months of MRR, how to connect."""

import click
from psycopg2 import sql
from rich.console import Console
from rich.table import Table

from dogdb import database

MARTS = ("core", "finance", "growth", "support")
MONTHS = 3
"""How many months of MRR are shown."""


def show() -> None:
    """Print the summary of the marts in the database in use."""
    connection = database.connect()
    console = Console(highlight=False)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema = any (%s) order by 1, 2",
            [list(MARTS)],
        )
        names = cursor.fetchall()
        rows = Table("mart", "rows", title="What stands", title_justify="left", box=None)
        rows.columns[1].justify = "right"
        for name in names:
            cursor.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(*name)))
            rows.add_row(".".join(name), f"{cursor.fetchone()[0]:,}")
        console.print(rows)
        if ("finance", "mrr_months") in names:
            console.print(_mrr(cursor))
    connection.close()
    click.echo(f"now: dogdb psql, or psql with {database.how_to_connect()}")


def _mrr(cursor: object) -> Table:
    """Return the last months of MRR in the reporting currency as a table."""
    cursor.execute(
        "select month, round(opening, 2), round(new + expansion + reactivation, 2),"
        " round(contraction + churn, 2), round(fx, 2), round(closing, 2), closing_accounts"
        " from finance.mrr_months where currency = 'all' order by month desc limit %s",
        [MONTHS],
    )
    heads = ("month", "opening", "gained", "lost", "fx", "closing", "accounts")
    table = Table(*heads, title="MRR in USD", title_justify="left", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in reversed(cursor.fetchall()):
        table.add_row(f"{row[0]:%Y-%m}", *(f"{value:,}" for value in row[1:]))
    return table

"""`dogdb demo`: makes a company and says what came of it."""

import datetime as dt
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
from rich.progress import Progress

from dogdb import database
from dogdb.demo.company import Company
from dogdb.demo.produce import ACCOUNTS_PER_PIECE, Piece
from dogdb.demo.write import Made, make
from dogdb.errors import Failure
from dogdb.project import STATE, only_one

FIRST_END = 3
"""How many days a company needs: nobody signs up on the last two."""


class Shown:
    """Shows how far the making is: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, company: Company) -> None:
        self.total = company.accounts // ACCOUNTS_PER_PIECE + 1

    def __call__(self, found: Iterator[Piece]) -> Iterator[Piece]:
        """Pass pieces on and show them."""
        if sys.stderr.isatty():
            with Progress(transient=True) as bar:
                yield from bar.track(found, total=self.total, description="making")
            return
        events, tenth = 0, 0
        for number, piece in enumerate(found, start=1):
            yield piece
            events += piece.events
            if 10 * number // self.total > tenth and self.total >= 10:
                tenth = 10 * number // self.total
                click.echo(f"{tenth * 10} %: {events:,} events", err=True)


def run(
    accounts: int,
    months: int,
    seed: int,
    end: dt.date,
    truth: Path | None,
    jsonl: Path | None,
    files_only: bool,
    replace: bool,
) -> None:
    """Make a company; the arguments are the command's options.

    Raises:
        click.UsageError: where the company would have no day for an account to sign up.
        Failure: where there is nothing to do, or the tables hold something else.
    """
    if files_only and not (truth or jsonl):
        raise Failure("--files-only needs --truth or --jsonl")
    if months == 1 and end.day < FIRST_END:
        raise click.UsageError(f"a company of one month ends on its day {FIRST_END} or later")
    company = Company(accounts, months, seed, end)
    began = time.monotonic()
    if files_only:
        made = make(company, None, truth, jsonl, progress=Shown(company))
    else:
        with only_one("demo", STATE / "demo.lock"):
            click.echo(database.up())
            with closing(database.connect()) as server:
                made = make(company, server, truth, jsonl, replace, Shown(company))
    click.echo(summary(made, time.monotonic() - began))


def summary(made: Made, seconds: float) -> str:
    """Return what was made, in a few lines."""
    if not made.is_new:
        return "this company is already there; nothing changed"
    lines = [
        f"{made.events:,} events ({made.deliveries - made.events:,} of them twice) "
        f"in {seconds:.1f} s: {made.events / max(seconds, 0.001):,.0f} events/s"
    ]
    lines += [f"  raw.{table}: {count:,} rows" for table, count in made.counts.items()]
    if made.counts:
        lines.append("build its warehouse with DOGDB_RAW=live dogdb build")
    return "\n".join(lines)

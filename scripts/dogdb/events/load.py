"""Event files into the database in use, with progress told."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from dogdb import database
from dogdb.events import schema
from dogdb.events.files import expand, read
from dogdb.events.store import Counts, copy_events

REPORT_SECONDS = 10
"""How often progress is told where there is no terminal."""


@contextmanager
def progress(what: str, total: int | None) -> Iterator[tuple[Callable[[int], None], Callable]]:
    """Show how far a long piece of work is: a bar on a terminal, plain lines elsewhere.

    Args:
        what: the work, for the bar.
        total: its size in bytes, None where it is not known.

    Yields:
        Two functions: one to call with the bytes done since, one with the counts so far.
    """
    console = Console(stderr=True)
    told = time.monotonic()

    def report(counts: Counts) -> None:
        nonlocal told
        if console.is_terminal:
            bar.update(task, description=f"{what}: {counts.read:,} events")
        elif time.monotonic() - told > REPORT_SECONDS:
            told = time.monotonic()
            click.echo(f"{what}: {counts}", err=True)

    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield (lambda done: bar.advance(task, done)), report


def load(paths: Sequence[str]) -> Counts:
    """Load event files into the database in use; show progress on standard error.

    Raises:
        Failure: where a path can't be read (checked for all of them before anything is loaded), or
            the database can't be reached or brought up to date.
    """
    files = expand(paths)
    is_known = all(Path(file).is_file() for file in files)  # not of pipes
    total = sum(Path(file).stat().st_size for file in files) if is_known else None
    with closing(database.connect()) as connection, progress("loading", total) as (advance, report):
        schema.ensure(connection)
        return copy_events(connection, read(files, advance), "file", report)

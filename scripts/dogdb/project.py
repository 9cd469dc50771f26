"""Where the project lies, and the lock that keeps two commands from working at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from filelock import FileLock, Timeout

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / ".dogdb"
"""Everything the commands keep between runs: the embedded server's data, sockets, locks."""


@contextmanager
def only_one(name: str, path: Path) -> Iterator[None]:
    """Hold a lock file for a block; where another process holds it, say so in one line and wait.

    Args:
        name: what is being done, for the line (`build`, `server start`).
        path: the lock file; its folder is made where it is missing.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        click.echo(f"another {name} is running; waiting for it", err=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()

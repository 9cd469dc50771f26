"""The command line: `dogdb COMMAND`. Exit codes: 0 done, 1 failed, 2 wrong usage."""

import os
import subprocess
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

import click

from dogdb import database, dbt, packages, processes
from dogdb.errors import Failure
from dogdb.project import ROOT, STATE, only_one

PORT = click.IntRange(1, 65535)
SECONDS, COUNT = click.FloatRange(0, min_open=True), click.IntRange(1)
PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


class NewFile(click.Path):
    """A file to write, known to be possible before any work begins."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path; one that does not exist yet needs a folder that can be written to."""
        path = super().convert(value, param, ctx)
        if not path.exists() and not os.access(path.parent, os.W_OK | os.X_OK):
            self.fail(f"{path.parent} is no folder that can be written to.", param, ctx)
        return path


PATH = NewFile()


def _rooted(_: click.Context, __: click.Parameter, path: str) -> str:
    """Return the path of an endpoint, which begins with a slash."""
    if not path.startswith("/"):
        raise click.BadParameter(f"{path!r} does not begin with /.")
    return path


def program(name: str) -> str:
    """Return the path of a program installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dogdb-warehouse")
def cli() -> None:
    """DogDB's warehouse: from raw tables and Stripe's events to numbers that hold."""


@cli.command()
@click.option(
    "--port", type=click.IntRange(1024, 65535), help="Listen on this port of 127.0.0.1 too."
)
def up(port: int | None) -> None:
    """Start the embedded PostgreSQL (or check the one that PGHOST names)."""
    click.echo(database.up(port))
    click.echo(f"connect: {database.how_to_connect()}; or `dogdb psql`")


@cli.command()
def down() -> None:
    """Stop the embedded PostgreSQL; its data stay."""
    click.echo(database.down())


@cli.command(context_settings=PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open a prompt, or run one query: dogdb psql "select * from core.customer_accounts"."""
    database.up()
    if len(arguments) == 1 and not arguments[0].startswith("-"):
        arguments = ("-c", arguments[0])
    command = [str(database.binary("psql")), "--no-psqlrc", *arguments]
    # In this one's place, so that Ctrl-C is the prompt's own.
    os.execve(command[0], command, database.environment())  # noqa: S606 - no shell is wanted


@cli.command(context_settings=PASS_ON)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def build(options: tuple[str, ...]) -> None:
    """Build and test everything (dbt build), then say what is there."""
    from dogdb import summary

    with only_one("build", STATE / "build.lock"):
        click.echo(database.up())
        click.echo(packages.ensure())
        if dbt.run("build", *options):
            raise Failure("dbt build failed; its last lines above say where")
        summary.show()


@cli.command()
@click.argument("analysis", required=False)
@click.option("--vars", "variables", default="{}", metavar="YAML", help="As dbt takes them.")
def ask(analysis: str | None, variables: str) -> None:
    """Run one of the analyses and print its answer; without a name, list them."""
    from dogdb import analyses

    database.up()
    packages.ensure()
    if analysis is None:
        click.echo("\n".join(analyses.names()))
    else:
        analyses.show(analysis, variables)


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def load(files: tuple[str, ...]) -> None:
    """Load Stripe events into raw.stripe_events.

    FILE holds one event a line (.jsonl), or is a document as Stripe's API and command line print
    it; it may be compressed (gzip), a pipe, - for standard input, or a folder of such files. What
    can't be read as an event is kept too, with file and line and the reason. Loading again changes
    nothing, so an interrupted load is simply run again.
    """
    from dogdb.events.load import load

    database.up()
    click.echo(load(files))


@cli.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="From when (UTC); the end of the last pull where it is left out.",
)
@click.option(
    "--objects/--no-objects",
    default=None,
    help="Fetch the objects, too; by default where events don't reach back far enough.",
)
def pull(since: datetime | None, objects: bool | None) -> None:
    """Fetch events and objects from Stripe's API into raw.stripe_events.

    The key comes from STRIPE_API_KEY. Stripe keeps events for 30 days; of what was before, the
    objects as they are now are stored as snapshots. Fetching again stores only what changed.
    """
    from dogdb.events.pull import pull

    database.up()
    key, base = os.environ.get("STRIPE_API_KEY", ""), os.environ.get("STRIPE_API_BASE")
    click.echo(pull(key, base, since and since.replace(tzinfo=UTC), objects))


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port; 0 takes a free one.",
)
@click.option(
    "--path",
    callback=_rooted,
    default="/webhook",
    show_default=True,
    help="Path of the endpoint.",
)
@click.option(
    "--body-seconds",
    type=SECONDS,
    default=10.0,
    show_default=True,
    help="Longest time for a head, and a body.",
)
@click.option(
    "--body-bytes", type=COUNT, default=1 << 20, show_default=True, help="Largest body taken."
)
@click.option(
    "--queue", type=COUNT, default=2_000, show_default=True, help="How many events may wait."
)
def serve(
    host: str, port: int, path: str, body_seconds: float, body_bytes: int, queue: int
) -> None:
    r"""Receive Stripe's webhooks into raw.stripe_events.

    Signing secrets come from STRIPE_WEBHOOK_SECRETS, several separated by commas or blanks. An
    event is acknowledged after its commit. Beside the endpoint: /healthz, /readyz, /metrics.

    \b
    Once the table is there, the receiver's role needs no more rights than these:
      grant usage on schema raw to receiver;
      grant insert, select (id) on raw.stripe_events to receiver;
    """
    from dogdb.events.serve import Settings, serve
    from dogdb.events.signature import secrets_of

    if not database.is_external():
        database.up()
    # Switched off by the crash test only, to see that it notices.
    is_safe = os.environ.get("DOGDB_SYNCHRONOUS_COMMIT") != "off"
    secrets = tuple(secrets_of(os.environ.get("STRIPE_WEBHOOK_SECRETS", "")))
    serve(Settings(secrets, host, port, path, body_bytes, body_seconds, queue, is_safe))


@cli.command()
@click.option("--accounts", type=click.IntRange(1), default=500, show_default=True)
@click.option("--months", type=click.IntRange(1, 240), default=24, show_default=True)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Another seed, another company."
)
@click.option(
    "--end",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2025-12-31",
    show_default=True,
    help="The last day; a month's last day is best.",
)
@click.option("--truth", type=PATH, help="Write what is true of it here, as JSON lines.")
@click.option("--jsonl", type=PATH, help="Write its events here as delivered, some of them twice.")
@click.option("--files-only", is_flag=True, help="Write no tables.")
@click.option("--replace", is_flag=True, help="Put it in the place of the demo's former rows.")
def demo(end: datetime, **options: Path | int | None) -> None:
    """Make a company of any size in schema raw: about three events for each account and month.

    The same arguments make the same company. It is not mixed with rows that others wrote into the
    raw tables unless --replace says so, and those are never changed.
    """
    from dogdb.demo import command

    command.run(end=end.date(), **options)


@cli.command()
@click.option("--port", type=PORT, default=8080, show_default=True, help="Where to serve.")
@click.option("--only-generate", is_flag=True, help="Write target/, serve nothing.")
def docs(port: int, only_generate: bool) -> None:
    """Generate dbt's documentation and serve it."""
    with only_one("build", STATE / "build.lock"):
        click.echo(database.up())
        click.echo(packages.ensure())
        if dbt.run("docs", "generate"):
            raise Failure("dbt docs generate failed; its last lines above say where")
    if not only_generate and dbt.run("docs", "serve", "--port", str(port), "--no-browser"):
        raise Failure(f"dbt docs serve failed; is port {port} taken?")


@cli.command()
@click.option("--accounts", type=click.IntRange(1), default=400, show_default=True)
@click.option("--months", type=click.IntRange(1, 240), default=24, show_default=True)
@click.option(
    "--growth",
    type=click.IntRange(1, 100),
    default=2,
    show_default=True,
    help="How many times larger the second size is; 1: there is none.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--keep", is_flag=True, help="Leave the databases dogdb_bench_1 and _2.")
@click.option("--receiver", is_flag=True, help="Measure `dogdb serve`, too.")
@click.option("--json", "to", type=PATH, help="Write all that was measured here.")
def bench(**options: Path | int | None) -> None:
    """Measure each part of the way, as a ratio to one good pass over the payloads.

    Makes a company, loads, builds, tests, adds a day and builds anew, at two sizes and in databases
    of its own, which are dropped afterwards. The good pass counts twelve fields of each event in
    the same run, so that ratios can be compared between machines.
    """
    from dogdb import bench

    with only_one("bench", STATE / "bench.lock"):
        bench.run(**options)


@cli.command(context_settings=PASS_ON)
@click.option("--full", is_flag=True, help="The same proofs with larger numbers.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def test(full: bool, options: tuple[str, ...]) -> None:
    """Run every check and test; OPTIONS go to pytest."""
    click.echo(database.up())
    click.echo(packages.ensure())
    python = ["scripts", "tests"]
    queries = ["models", "analyses", "tests/data"]
    workers = max(2, min(4, os.cpu_count() or 2))
    shared = ["--dist=loadfile", "--no-loadscope-reorder"]
    checks = [
        [program("ruff"), "check", "--quiet", *python],
        [program("ruff"), "format", "--check", "--quiet", *python],
        [program("sqlfluff"), "lint", f"--processes={workers}", "--disable-progress-bar", *queries],
        [program("pytest"), f"--numprocesses={workers}", *shared, *options],
    ]
    settings = os.environ | ({"DOGDB_TEST_FULL": "1"} if full else {})
    # sqlfluff's processes leave their semaphores to Python, which says so at the end.
    settings["PYTHONWARNINGS"] = "ignore:resource_tracker"
    for check in checks:
        if subprocess.run(check, cwd=ROOT, env=settings, check=False).returncode:
            raise Failure(f"{Path(check[0]).name} found something; see above")


def main() -> None:
    """Run the command line; whatever goes wrong ends in one line and exit code 1, a signal too.

    `DOGDB_TRACEBACK=1` shows the traceback of an unexpected error, for whoever mends it.
    """
    processes.end_on_signals(database.cancel)
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        sys.exit(1)
    except Exception as error:
        if os.environ.get("DOGDB_TRACEBACK"):
            traceback.print_exc()
        reason = str(error).strip().splitlines() or [type(error).__name__]
        click.echo(f"error: {type(error).__name__}: {reason[0]}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

"""dbt, run on the project against the server in use."""

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from dogdb import database, processes
from dogdb.errors import Failure
from dogdb.project import ROOT

COLLECTED_AFTER = (100_000, 20, 20)
"""When Python looks for garbage. dbt allocates many objects that live long: at the usual 700 a
tenth of a build's time goes there."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Be dbt, with these arguments or the process's own; ends the process."""
    from dbt.cli.main import cli

    gc.set_threshold(*COLLECTED_AFTER)
    cli(arguments, prog_name="dbt")


def run(*arguments: str, output: IO[str] | None = None) -> int:
    """Run dbt. Returns its exit code.

    Args:
        arguments: what follows `dbt` on the command line.
        output: a file for what dbt writes to standard output; else this process prints it.
    """
    place = {"DBT_PROFILES_DIR": str(ROOT), "DBT_PROJECT_DIR": str(ROOT)}
    command = [sys.executable, "-m", __name__, *arguments]
    environment = database.environment() | place
    # In a session of its own: an interrupt or a signal to end is ours to handle, dbt would print a
    # traceback. What it was doing the server rolls back.
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=output, start_new_session=True
    ) as process:
        try:
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def compiled(path: Path, variables: str = "{}") -> str:
    """Return the SQL that dbt makes of a model or an analysis.

    Args:
        path: its file, from the project's folder.
        variables: dbt's vars as YAML.

    Raises:
        Failure: where dbt can't compile it, with what dbt says.
    """
    # As dbt says it, not from a file below target/, where another dbt may write at the same time.
    what = ("--output", "json", "--vars", variables, "--select", path.stem)
    with tempfile.TemporaryFile("w+") as output:
        failed = run("--quiet", "compile", *what, output=output)
        output.seek(0)
        said = output.read()
    if failed:
        raise Failure(f"{path} can't be compiled: {' '.join(said.split())}")
    return json.JSONDecoder().raw_decode(said, said.index("{"))[0]["compiled"]


if __name__ == "__main__":
    processes.end_with(os.getppid())
    main()

"""dbt, run on the project against the server in use."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from dogdb import database
from dogdb.errors import Failure
from dogdb.project import ROOT


def run(*arguments: str, silent: bool = False) -> int:
    """Run dbt. Returns its exit code.

    Args:
        arguments: what follows `dbt` on the command line.
        silent: keep back what dbt writes to standard output; else this process prints it.
    """
    place = {"DBT_PROFILES_DIR": str(ROOT), "DBT_PROJECT_DIR": str(ROOT)}
    command = [Path(sys.executable).with_name("dbt"), *arguments]
    environment = database.environment() | place
    output = subprocess.DEVNULL if silent else None
    # In a session of its own: an interrupt is ours to handle, dbt would print a traceback. What it
    # was doing the server rolls back.
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=output, start_new_session=True
    ) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def compiled(path: Path, variables: str = "{}") -> str:
    """Return the SQL that dbt makes of a model or an analysis.

    Args:
        path: its file, from the project's folder.
        variables: dbt's vars as YAML.

    Raises:
        Failure: where dbt can't compile it; dbt has said why.
    """
    if run("--quiet", "compile", "--vars", variables, "--select", path.stem, silent=True):
        raise Failure(f"{path} can't be compiled; `dbt compile --select {path.stem}` says why")
    target = ROOT / os.environ.get("DBT_TARGET_PATH", "target")
    return (target / "compiled" / "dogdb" / path).read_text()

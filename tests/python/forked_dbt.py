"""dbt as a process of its own that need not be loaded first: forked from one that has it loaded."""

import multiprocessing
import os
import tempfile
from collections.abc import Mapping
from multiprocessing import forkserver
from pathlib import Path

import pytest

from dogdb import dbt
from dogdb.project import ROOT

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["loaded_dbt"])


def main(arguments: tuple[str, ...], environ: Mapping[str, str], output: str) -> None:
    """Be `dbt` with these arguments, printing into a file."""
    os.environ.clear()
    os.environ.update(environ)
    os.environ["DBT_STATIC_PARSER"] = "false"  # has threads of its own, which a fork has not
    os.chdir(ROOT)
    file = os.open(output, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    dbt.main(arguments)


def run(arguments: tuple[str, ...], environ: Mapping[str, str]) -> tuple[int, str]:
    """Run dbt; return its exit code and what it printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        forkserver.ensure_running()
    with tempfile.NamedTemporaryFile() as output:
        process = FORKS.Process(target=main, args=(arguments, environ, output.name))
        process.start()
        process.join()
        code = process.exitcode
        process.close()
        return code, Path(output.name).read_text()

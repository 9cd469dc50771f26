"""dbt loaded and warm, for the processes that are forked from the one that imports this.

What dbt makes of its own classes and of the project's Jinja when it reads a project stays in the
process: a fork has it already.
"""

import gc
import os
import tempfile

import dbt.adapters.postgres  # noqa: F401 - loads it
from dbt.cli.main import dbtRunner

from dogdb import database
from dogdb.dbt import COLLECTED_AFTER
from dogdb.project import ROOT

gc.set_threshold(*COLLECTED_AFTER)
with tempfile.TemporaryDirectory() as folder:
    os.environ |= database.environment() | {"DBT_PROFILES_DIR": str(ROOT)}
    os.environ |= {"DBT_TARGET_PATH": folder, "DBT_LOG_PATH": folder, "DBT_LOG_LEVEL_FILE": "none"}
    os.environ["DBT_STATIC_PARSER"] = "false"
    dbtRunner().invoke(["--quiet", "parse", "--project-dir", str(ROOT)])
gc.collect()
gc.freeze()

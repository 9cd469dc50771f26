"""dbt's packages: the real ones where they can be had, else the stand-ins of `stand_ins/`."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

from dogdb.project import ROOT

STAND_INS = ROOT / "stand_ins"
RETRY_SECONDS = 24 * 3600
"""How long a stand-in serves before the real package is asked for again."""


def folder() -> Path:
    """Return where dbt looks for its packages (`DBT_PACKAGES_DIR`, else `dbt_packages`)."""
    return ROOT / os.environ.get("DBT_PACKAGES_DIR", "dbt_packages")


def installed_version(package: str) -> str | None:
    """Return the version of an installed dbt package, None where it is missing or broken."""
    try:
        project = yaml.safe_load((folder() / package / "dbt_project.yml").read_text())
        return str(project["version"])
    except (OSError, KeyError, TypeError, yaml.YAMLError):
        return None


def is_stand_in(version: str | None) -> bool:
    """Tell whether a version is a stand-in's (0.0.x)."""
    return version is not None and version.startswith("0.0.")


def _hub_answers() -> bool:
    """Tell within three seconds whether dbt's package hub can be reached."""
    import requests
    from dbt.clients.registry import DEFAULT_REGISTRY_BASE_URL

    hub = os.environ.get("DBT_PACKAGE_HUB_URL", DEFAULT_REGISTRY_BASE_URL)
    try:
        return requests.head(hub, timeout=3).status_code < 500
    except requests.RequestException:
        return False


def _install_real() -> bool:
    """Let dbt install the locked packages; tell whether it did."""
    done = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "deps", "--quiet"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def ensure() -> str:
    """Make sure that dbt finds dbt_utils. Returns in one line which one it finds.

    The real package is taken where it is installed or dbt's hub can be reached; the stand-in has
    the same macros, as far as this project uses them, and is asked to give way once a day.
    """
    place = folder() / "dbt_utils"
    version = installed_version("dbt_utils")
    if version is not None and not is_stand_in(version):
        return f"dbt_utils {version}"
    is_fresh = version is not None and time.time() - place.stat().st_mtime < RETRY_SECONDS
    if not is_fresh:
        if _hub_answers() and _install_real():
            return f"dbt_utils {installed_version('dbt_utils')}"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(STAND_INS / "dbt_utils", place)
        place.touch()
    return f"dbt_utils {installed_version('dbt_utils')} (the stand-in: dbt's hub can't be reached)"

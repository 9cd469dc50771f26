"""Create `.venv` from the hashed lock. Needs Python 3.11 and its standard library only.

Runs again only when the lock, the project file or the interpreter changed. An interrupted run
leaves no stamp, so the next one starts over. A second run at the same time waits.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed.sha256"
LOCK = ROOT / "requirements.lock"
SUPPORTED = ((3, 11), (3, 14))


def python() -> str:
    """Return the interpreter's path; where `.venv` is active, of the one that made it."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def fingerprint() -> str:
    """Return what the environment depends on as one SHA-256 digest (hexadecimal)."""
    digest = hashlib.sha256(f"{sys.version} {python()} {VENV}".encode())
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def hold(lock: TextIO) -> None:
    """Take the lock of an open file; say so in one line where another run has it."""
    try:
        import fcntl
    except ImportError:  # Windows: two runs at once are up to the user there.
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print("another set-up of this folder is running; waiting for it", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def install(wanted: str) -> None:
    """Build the environment anew and stamp it with the digest it was built from.

    Raises:
        SystemExit: with one line, where Python has neither `ensurepip` nor `pip`.
        subprocess.CalledProcessError: where pip fails; it has said why.
    """
    print(f"setting up .venv with Python {sys.version.split()[0]}", flush=True)
    own = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [own, "-m", "pip"]
    bare = importlib.util.find_spec("ensurepip") is None
    if bare and importlib.util.find_spec("pip") is None:
        sys.exit("error: this Python has no pip; install it (Debian: python3-venv)")
    if bare:
        pip = [python(), "-m", "pip", "--python", own]
    venv = [python(), "-m", "venv", "--clear", VENV]
    subprocess.run(venv + ["--without-pip"] * bare, check=True)
    quiet = ["install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, *quiet, "--require-hashes", "-r", LOCK], check=True)
    subprocess.run([*pip, *quiet, "--no-build-isolation", "-e", ROOT], check=True)
    STAMP.write_text(wanted)


def main() -> None:
    """Install where the environment is missing or out of date."""
    if not SUPPORTED[0] <= sys.version_info[:2] < SUPPORTED[1]:
        sys.exit("error: Python 3.11, 3.12 or 3.13 is needed; set PYTHON=/path/to/it")
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    try:
        with (ROOT / ".venv.lock").open("w") as lock:
            hold(lock)
            if not (STAMP.exists() and STAMP.read_text() == wanted):
                install(wanted)
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: the set-up failed: {Path(error.cmd[0]).name} exited {error.returncode}")
    except OSError as error:
        sys.exit(f"error: the set-up failed: {error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the next run starts the set-up over")


if __name__ == "__main__":
    main()

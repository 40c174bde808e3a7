"""The house's tables, made once for each change of the migrations and then copied: a house nobody has founded yet, and a database for each test process.

Migrating takes Python 15 s, a copy takes half a second. Nothing is taken on trust: whoever gets a copy still migrates (and finds nothing to do), and
the copy is made anew by the program's own first start when a migration, a static file or a package has changed.

``python -m tests.tables FOLDER`` makes one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from madang.site import postgres, start

ROOT = Path(__file__).resolve().parents[1]
TESTS = Path(os.environ.get("MADANG_DATA", ROOT / "var/test"))
"""The data folder of the tests' own server (``tests/embedded.py`` names it)."""
DUMP, STAMP = "tables.dump", "made"
PREFIX = "madang_tables_"


def make(data: Path) -> int:
    """An unfounded house, as a first start leaves it, and beside it a dump of its tables before anyone was given rights. For a process of its own."""
    start.ground(data)
    start.house()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    _tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "-f", str(data / DUMP), postgres.address(data))
    call_command("createcachetable", verbosity=0)
    start.prepare(print)
    return 0


def house(tests: Path) -> Path:
    """The data folder of an unfounded house, stopped, kept in the data folder of the tests: made by whichever test process needs it first."""
    folder, state = tests / "bare", fingerprint()
    tests.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(tests / "bare.lock"):
        if not (folder / STAMP).exists() or (folder / STAMP).read_text() != state:
            from tests.e2e.server import environment

            if folder.exists():
                postgres.stop(folder)
                shutil.rmtree(folder)
            folder.mkdir(mode=0o700)
            command = [sys.executable, "-m", "tests.tables", str(folder)]
            done = subprocess.run(command, env=environment(folder), cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
            postgres.stop(folder)
            assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
            (folder / STAMP).write_text(state)
    return folder


def database(tests: Path) -> str:
    """The name of a database in the tests' own server that holds the tables and nothing else, for ``CREATE DATABASE … TEMPLATE``."""
    bare = house(tests)
    name = PREFIX + (bare / STAMP).read_text()[:12]
    with _alone(tests / "tables.lock"), psycopg.connect(postgres.address(tests), autocommit=True) as connection:
        there = {str(row[0]) for row in connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])}
        if name not in there:
            for old in there:
                with contextlib.suppress(psycopg.errors.ObjectInUse):
                    connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            unready = f"{PREFIX}unready"
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unready)))
            place = postgres.address(tests).replace(f"/{postgres.DATABASE}?", f"/{unready}?")
            _tool("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "-d", place, str(bare / DUMP))
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unready), sql.Identifier(name)))
    return name


def fingerprint() -> str:
    """A word that changes when the tables, the static files or what makes them do."""
    digest = hashlib.sha256(start._fingerprint().encode())
    makers = [ROOT / "requirements/runtime.txt", ROOT / "madang/site/postgres.py", ROOT / "madang/site/start.py", Path(__file__)]
    for path in [*makers, *sorted((ROOT / "madang").rglob("migrations/*.py")), *sorted((ROOT / "madang").rglob("*.sql"))]:
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _tool(program: str, *arguments: str) -> None:
    done = subprocess.run([str(postgres.binaries() / program), *arguments], capture_output=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, f"{program}: {done.stderr.decode(errors='replace')[-2000:]}"


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(make(Path(sys.argv[1])))

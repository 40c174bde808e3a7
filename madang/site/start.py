"""From nothing to a serving house: data folder, database, tables, roles, texts, static files, processes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from madang.site import address, postgres

Say = Callable[[str], None]


def ground(data: Path) -> None:
    """Make the data folder and its database ready to be used by this process, as the owner of the tables.

    ``DATABASE_URL`` names another PostgreSQL (15 or newer); otherwise the embedded one of the data folder is started.
    Raises :class:`postgres.PostgresError`.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["MADANG_DATA"] = str(data.resolve())
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = postgres.ensure(data.resolve())
        os.environ["MADANG_EMBEDDED"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")


def house() -> None:
    """Bring up Django in this process (after :func:`ground`), with the texts of all languages: what is read once is remembered, so they are made first."""
    import django

    from madang.site import texts

    texts.compile_all()
    django.setup()


def prepare(say: Say) -> None:
    """Tables, the serving role's rights, the cache table and static files; quick when all is there."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from madang.site import roles

    version = connection.pg_version if connection.ensure_connection() is None else 0
    if version < 150000:
        raise postgres.PostgresError(f"PostgreSQL 15 or newer is needed; this one is {version // 10000}.")
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the tables …")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    roles.grant(connection)
    _static(say)


UNUSED = ["redoc*", "htmax-*", "htmx-4*", "htmx-2.js", "hx-*", "htmx-2-compat-*"]  # what packages bring along and no page asks for


def _static(say: Say) -> None:
    from django.conf import settings
    from django.core.management import call_command

    stamp = settings.STATIC_ROOT / "stamp"
    state = _fingerprint()
    if stamp.exists() and stamp.read_text() == state:
        return
    say("Collecting fonts, styles and scripts …")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=UNUSED)
    stamp.write_text(state)


def _fingerprint() -> str:
    """A word that changes when any static file of ours or of a package does."""
    from django.contrib.staticfiles import finders

    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            file = os.stat(storage.path(name))
            digest.update(f"{name} {file.st_size} {file.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def processes(port: int) -> tuple[list[list[str]], dict[str, str]]:
    """The commands that make up the running house, and their environment: the pages (as the app's role) and the steward."""
    environment = {**os.environ, "PORT": str(port)}
    if environment.get("MADANG_EMBEDDED") == "1":
        environment["DATABASE_URL"] = postgres.address(Path(environment["MADANG_DATA"]), postgres.APP)
    else:
        from madang.site import roles

        if roles.exists():
            environment["MADANG_DB_ROLE"] = postgres.APP
    pages = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", address.host(environment), "--port", str(port),
        "--workers", environment.get("MADANG_WORKERS", "2"), "--blocking-threads", "4",
        "--respawn-failed-workers", "--backpressure", "256", "--no-ws", "--log-level", "warning", "madang.site.wsgi:application",
    ]  # fmt: skip
    return [pages, [sys.executable, "-m", "madang.cli", "steward"]], environment


def serve(port: int, say: Say) -> int:
    """Serve until interrupted. A process that dies is started again, with growing waits. Returns the exit code."""
    from django.db import connections

    commands, environment = processes(port)
    environment["MADANG_SERVER"] = str(os.getpid())
    connections.close_all()
    if _taken(address.host(environment), port, patience=5):
        say(f"Port {port} is taken. Try PORT={port + 1} make run, or stop what listens there.")
        return 1
    running = [_begin(command, environment) for command in commands]
    waits = [1.0] * len(commands)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    if not _answers(port, running[0], stopping):
        _end(running)
        if stopping.is_set():
            return 0
        say("The server did not start; what it said stands above.")
        return 1
    say(f"\n  Open  {address.site_url(environment)}\n\n  Ctrl+C stops it; the data stays in {environment['MADANG_DATA']}\n")
    while not stopping.wait(0.3):
        for place, process in enumerate(running):
            if process.poll() is not None:
                say(f"A process ended ({process.returncode}); starting it again.")
                if stopping.wait(waits[place]):
                    break
                waits[place] = min(waits[place] * 2, 60)
                running[place] = _begin(commands[place], environment)
    _end(running)
    return 0


def _answers(port: int, process: subprocess.Popen[bytes], stopping: threading.Event) -> bool:
    """Whether ours answers there within a minute. It is asked where it listens, under the one name it always goes by."""
    ask = urllib.request.Request(f"http://{address.within(os.environ)}:{port}/healthz", headers={"Host": "localhost"})
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None and not stopping.is_set():
        with contextlib.suppress(OSError), urllib.request.urlopen(ask, timeout=5) as answer:  # noqa: S310
            if answer.headers.get("X-Madang") == "1":
                return True
        time.sleep(0.1)
    return False


def _taken(host: str, port: int, patience: float = 0) -> bool:
    """Whether somebody listens there, and still does after ``patience`` seconds (a server that was killed takes its workers along in one).

    Asked first, because the server shares its port among its workers, and so with any stranger who does the same. What else is wrong with
    the address the server says itself.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    until = time.monotonic() + patience
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind((host, port))
            except OSError as no:
                if no.errno != errno.EADDRINUSE:
                    return False
            else:
                return False
        if time.monotonic() >= until:
            return True
        time.sleep(0.2)


def _begin(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process with a group of its own: Ctrl+C in the terminal reaches only us, and we end them in their order."""
    return subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603


def _end(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whoever of them is left
        process.wait()

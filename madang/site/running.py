"""The commands behind ``make run``: found once, fill a demo, serve, sweep, check."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import close_old_connections, connection

from madang.kit import house

Say = Callable[[str], None]
log = logging.getLogger("madang.steward")


def run(charter: Path, port: int, say: Say) -> int:
    """Found the charter's co-op unless it is there, fill it if it is a demo, and serve it."""
    from madang.site import start

    if code := demo(charter, 1, say, only_demo=True):
        return code
    return start.serve(port, say)


def serve(port: int, say: Say) -> int:
    """Serve what is here; without a co-op the first page says how to found one."""
    from madang.site import start

    return start.serve(port, say)


def demo(charter: Path, scale: int, say: Say, *, only_demo: bool = False) -> int:
    """Found the co-op of a charter and, when the charter says ``demo = true``, give it a believable past."""
    from madang.coop import law
    from madang.coop.charter.command import found_file
    from madang.site.progress import Progress

    here = law.coop_or_none()
    if here is not None and not same_co_op(charter, here, say):
        return 1
    if here is None:
        say(f"Founding the co-op of {charter} …")
        if code := found_file(charter, say, backdate=is_a_demo(charter)):
            return code
        here = law.coop_or_none()
    if here is not None and here.demo and not here.filled_at:
        progress = Progress(say)
        with connection.cursor() as cursor:  # invented people need no fsync after each click; a crash loses the demo's last moments, nothing else
            cursor.execute("SET synchronous_commit TO off")
        for fill in house.collect("demo"):
            fill(progress, scale, law.clock.now())
        if scale > 1 and house.lives("services"):
            from madang.site import scale as neighbourhoods

            neighbourhoods.multiply(scale, progress, law.clock.now())
        progress.done()
        type(here).objects.update(filled_at=law.clock.now())
        if scale > 1:
            return check(say)
    elif here is not None and not only_demo:
        say("This demo is filled already: nothing was added. For another size, fill a new folder (--data FOLDER)." if here.demo
            else "This charter does not say `demo = true`: nothing is invented in a real co-op.")  # fmt: skip
        return 1
    return 0


def same_co_op(charter: Path, here: Any, say: Say) -> bool:
    """Whether this charter's co-op is the one in this folder. Says so when it is another one, or when the charter was edited since."""
    from django.conf import settings

    from madang.coop.charter.queries import founded_from

    try:
        text = charter.read_bytes().decode("utf-8-sig")
        slug = tomllib.loads(text).get("slug")
    except (OSError, ValueError):
        say(f"{charter} cannot be read any more; {here.slug} goes on without it.")
        return True
    if slug != here.slug:
        say(f"{settings.DATA} holds another co-op, {here.slug}, and {charter} founds {slug!r}. Give it a folder of its own: madang --data FOLDER run {charter}")
        return False
    if not founded_from(text):
        say(f"{charter} is not the charter that {here.slug} was founded from. It keeps what it was founded from: from then on rules change by decisions.")
    return True


def is_a_demo(charter: Path) -> bool:
    """Whether the charter is a demo's, so that its founding lies three months back."""
    try:
        return bool(tomllib.loads(charter.read_text()).get("demo"))
    except (OSError, ValueError):
        return False


def sweep() -> None:
    """One round of the steward: what is due, then the record."""
    from madang.coop import law, record
    from madang.coop.notices.due import run_due

    if law.coop_or_none() is None:
        return
    moment = law.clock.now()
    run_due(moment)
    record.seal(moment)


def steward(*, once: bool = False) -> int:
    """Do what falls due, each second, and run queued work, until told to stop. A failed round is logged and tried again later."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    worker = threading.Thread(target=_work_queue, args=(stopping, once), daemon=True)
    worker.start()
    wait = 1.0
    while True:
        started = time.monotonic()
        try:
            sweep()
            wait = 1.0
        except Exception:
            log.exception("a round failed; the next one is in %.0f s", wait)
            wait = min(wait * 2, 60)
        close_old_connections()
        connection.close()
        if once:
            worker.join(timeout=120)
            return 0
        if stopping.wait(max(0.05, wait - (time.monotonic() - started))):
            worker.join(timeout=10)
            return 0
        if _left_alone():
            return 0


def _left_alone() -> bool:
    """Whether the server that started us is gone. A steward that was started by hand has none."""
    if server := os.environ.get("MADANG_SERVER"):
        try:
            os.kill(int(server), 0)
        except ProcessLookupError:
            return True
    return False


def _work_queue(stopping: threading.Event, once: bool) -> None:
    """The job queue's worker (mail and whatever else talks to the world)."""
    import asyncio

    from procrastinate.contrib.django import app

    async def work() -> None:
        async with app.with_connector(app.connector.get_worker_connector()).open_async() as queue:
            if once:
                await queue.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
                return
            task = asyncio.create_task(queue.run_worker_async(install_signal_handlers=False, concurrency=2, delete_jobs="successful"))
            while not stopping.is_set() and not task.done():
                await asyncio.sleep(0.2)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    while not stopping.is_set():
        try:
            asyncio.run(work())
        except Exception:
            log.exception("the job queue stopped; starting it again")
        if once or stopping.wait(5):
            return


def check(say: Say) -> int:
    """Walk every invariant; one line each, and what is wrong below it. Returns 1 when anything is."""
    wrong = 0
    for item in house.collect("checks"):
        found = list(item.find())
        say(f"{'ok  ' if not found else 'BAD '} {item.name}")
        for sentence in found[:20]:
            say(f"       {sentence}")
        wrong += len(found)
    return 1 if wrong else 0


def doctor(say: Say) -> int:
    """What this installation stands on."""
    from django.conf import settings

    from madang import __version__
    from madang.coop import law
    from madang.coop.payments import rails
    from madang.site import roles

    connection.ensure_connection()
    here = law.coop_or_none()
    real, mails = (here if here and not here.demo else None), bool(settings.EMAIL_HOST)
    mode = oct(settings.DATA.stat().st_mode & 0o777)
    facts = [
        ("madang", __version__, True),
        ("PostgreSQL", str(connection.pg_version), connection.pg_version >= 150000),
        ("database", "embedded" if os.environ.get("MADANG_EMBEDDED") else "DATABASE_URL", True),
        ("serving role", "separate" if roles.exists() or os.environ.get("MADANG_EMBEDDED") else "none: only triggers guard the ledger", True),
        ("data folder", f"{settings.DATA} ({mode})", mode.endswith("00")),
        ("mail", settings.EMAIL_HOST or ("none: nobody can sign in (MADANG_SMTP_HOST)" if real else "none: it waits at /outbox/"), mails or not real),
        ("payments", rails.in_words(), True),
        ("co-op", f"{here.slug}, {here.state}{', demo' if here.demo else ''}" if here else "none founded yet", True),
    ]
    for name, value, fine in facts:
        say(f"{'ok  ' if fine else 'BAD '} {name}: {value}")
    return 0 if all(fine for _n, _v, fine in facts) else 1

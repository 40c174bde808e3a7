"""A data folder with a PostgreSQL of its own, made once and copied for each seed; and the small co-op in it, founded by the real actions."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

from madang.site import postgres
from madang.site.simulate import ids
from madang.site.simulate.step import START

CHARTER = Path(__file__).with_name("charter.toml")
FAST = """
fsync = off                # processes die here, the machine does not
full_page_writes = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
max_parallel_workers_per_gather = 0
track_activities = off
track_counts = off
"""
WEEK = [(day, 8 * 60, 20 * 60) for day in range(7)]


class World:
    """``home``: where the co-op of the seed lives, one for each process that lives seeds; ``template``: what it is copied from."""

    def __init__(self, folder: Path, home: str = "co-op") -> None:
        self.folder, self.home, self.template = folder, folder / home, folder / "template"
        kept = folder / "names.json"
        self.names: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}

    def ground(self) -> None:
        """Settings for this process and its children: the app's role, on this home."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ.update(MADANG_DATA=str(self.home), DATABASE_URL=postgres.address(self.home), MADANG_EMBEDDED="1")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")

    def make(self) -> None:
        """The template: tables, roles, the co-op; one that was made here before is taken as it is. Raises ``RuntimeError`` when that fails."""
        kept = self.folder / "names.json"
        if kept.exists():
            return
        self.end()
        postgres.ensure(self.home)
        with (self.home / "pg/postgresql.conf").open("a") as more:
            more.write(FAST)
        postgres.stop(self.home)
        postgres.ensure(self.home)
        self.names = _in_child(_found)
        postgres.stop(self.home)
        shutil.rmtree(postgres.socket_folder(self.home), ignore_errors=True)
        self.home.rename(self.template)
        kept.write_text(json.dumps(self.names))

    def warm(self) -> None:
        """Ask this process, which workers are forked from, what each of them would have to find out anew; no connection stays open."""
        from django.db import connection

        from madang.coop import law
        from madang.kit import dates, house
        from madang.site.simulate import seen

        for language in ("en", "ko"):
            dates.say_time(START, "full", language, UTC)
        self.begin()
        try:
            with law.one_reading():
                for work in house.collect("due"):
                    work.find(START, 10)
                seen.look(self.names, {}, START)
                seen.books(self.names, {}, START)
                seen.check(self.names, {"folder": str(self.home / "warm")}, START)
        finally:
            connection.close()
            connection.close_pool()
            self.end()

    def begin(self) -> None:
        """A fresh co-op, its server running."""
        self.end()
        subprocess.run(["cp", "-a", "--reflink=auto", str(self.template), str(self.home)], check=True)  # noqa: S603, S607
        postgres.ensure(self.home)

    def end(self) -> None:
        """Nothing is left running."""
        if self.home.exists():
            _stop_now(self.home)
            shutil.rmtree(self.home)


def _stop_now(home: Path) -> None:
    """What is in it is thrown away, so it need not say goodbye. The file with its number goes a moment before the process itself: both are waited for."""
    pid = 0
    with contextlib.suppress(OSError, ValueError):
        pid = postmaster(home)
        os.kill(pid, signal.SIGQUIT)
    for _time in range(100):
        if not (home / "pg/postmaster.pid").exists() and not alive(pid):
            return
        reap()
        time.sleep(0.02)
    postgres.stop(home)


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and only waits for whoever buries it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (OSError, IndexError):
        return False


def reap() -> None:
    """Whoever died and came to us is buried. Not the workers: whoever started them waits for them."""
    workers = {child.pid for child in active_children()}
    for name in filter(str.isdigit, os.listdir("/proc")):  # not a glob of */stat: it raises when a process ends meanwhile
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid, (state, parent) = int(name), Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[:2]
            if state == "Z" and int(parent) == os.getpid() and pid not in workers:
                os.waitpid(pid, os.WNOHANG)


def postmaster(home: Path) -> int:
    """The process id of the home's PostgreSQL."""
    return int((home / "pg/postmaster.pid").read_text().split("\n")[0])


def _in_child(make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Do it in a process of its own, so that this one never has a connection that its children would share."""
    fork = get_context("fork")
    ours, theirs = fork.Pipe()

    def run() -> None:
        try:
            theirs.send(make())
        except BaseException:
            theirs.send(traceback.format_exc())
            raise

    child = fork.Process(target=run)
    child.start()
    theirs.close()
    try:
        answer = ours.recv()
    except EOFError:
        answer = "the process that founds the co-op died"
    child.join()
    if not isinstance(answer, dict):
        raise RuntimeError(str(answer))
    return answer


def _found() -> dict[str, str]:
    """Tables and roles; the charter, five founders who accept and pay; two member co-ops, four workers, three clients. Returns the names."""
    from django.core.management import call_command
    from django.db import connection

    from madang.site import roles

    ids.begin("the template")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    roles.grant(connection)
    names: dict[str, str] = {}
    _founders(names)
    _organisations(names)
    _clients(names)
    _pots(names)
    from madang.coop import record

    record.seal(START)
    return names


def _founders(names: dict[str, str]) -> None:
    from madang.coop.charter import actions, reader
    from madang.coop.charter.models import FounderInvitation

    at = START - timedelta(days=40)
    _coop, links = actions.found(reader.read_file(CHARTER, now=at), now=at)
    people = {one.person.email: one for one in FounderInvitation.objects.select_related("person", "membership")}
    for number, link in enumerate(links, 1):
        one = people[f"f{number}@example.org"]
        names[f"person p{number}"], names[f"membership p{number}"] = str(one.person_id), str(one.membership_id)
        membership = actions.accept(link.path.split("/")[2], by=one.person, now=at)
        _pays(membership, one.person, at + timedelta(days=1))


def _pays(membership: Any, payer: Any, at: datetime) -> None:
    from madang.coop.capital.actions import buy_shares
    from madang.coop.payments import sandbox

    sandbox.pay(buy_shares(membership, 1, payer, now=at), now=at)


def _person(name: str, names: dict[str, str]) -> Any:
    from madang.coop.people import actions
    from madang.coop.people.models import Person

    if f"person {name}" not in names:
        at = START - timedelta(days=30)
        made = actions.register(f"{name}@example.org", f"Person {name}", language="en", time_zone="Asia/Seoul", confirmed=True, now=at)
        names[f"person {name}"] = str(made.pk)
    return Person.objects.get(pk=names[f"person {name}"])


def _organisations(names: dict[str, str]) -> None:
    from madang.coop.members import actions as members
    from madang.coop.members import work
    from madang.coop.people import actions as people
    from madang.platforms.services import actions

    at = START - timedelta(days=30)
    for name, speaker, other in (("o1", "p2", "p6"), ("o2", "p3", "p7")):
        boss, hand = _person(speaker, names), _person(other, names)
        body = work.found_organisation(f"Brightly {name}", by=boss, now=at)
        names[f"organisation {name}"] = str(body.pk)
        one = members.apply(body, "provider", by=boss, now=at)
        names[f"membership {name}"] = str(one.pk)
        _pays(one, boss, at)
        people.start_work(hand, body, now=at)
        for short, person in ((speaker, boss), (other, hand)):
            worker = actions.become_worker(person, body, by=boss, time_zone="Asia/Seoul", now=at)
            actions.set_availability(person, WEEK, now=at)
            names[f"worker {short}"] = str(worker.pk)


def _clients(names: dict[str, str]) -> None:
    from madang.platforms.services import actions
    from madang.site.simulate.steps.visits import CLIENTS

    for name, (bedrooms, bathrooms) in CLIENTS.items():
        home = actions.add_home(
            _person(name, names), district="마포구", address=f"성미산로 {name}", bedrooms=bedrooms, bathrooms=bathrooms, now=START - timedelta(days=29)
        )
        names[f"home {name}"] = str(home.pk)


def _pots(names: dict[str, str]) -> None:
    from madang.site.simulate.steps import pots

    for name in pots.POTS:
        pots.account(name)
        names[f"pot {name}"] = name
    names["rail sandbox"] = "sandbox"

"""A small music co-op in a data folder, made once a test run and copied: four made-up releases, a band of three, a listener with money in the wallet.

``python -m tests.musichouse FOLDER`` founds and fills it by the same actions as ``madang demo resonate``.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LISTENER = "lena@example.net"
KEYS = "player-keys.txt"
SHORT = 14
"""Seconds of each track."""


def make(data: Path) -> int:
    """Found ``charters/resonate.toml`` and put out made-up music. For a process of its own."""
    from madang.site import start

    start.ground(data)
    start.house()
    from random import Random

    from madang.coop import record
    from madang.coop.charter.command import found_file
    from madang.coop.law import clock
    from madang.coop.law.models import Coop
    from madang.coop.people import actions as people
    from madang.platforms.music import demo, demo_sounds
    from madang.platforms.music.actions import keys

    start.prepare(print)
    if code := found_file(ROOT / "charters/resonate.toml", print, backdate=True):
        return code
    demo_sounds.ALBUMS = tuple((*one[:4], 2) for one in demo_sounds.ALBUMS)
    demo_sounds.SECONDS = SHORT
    now = clock.now()
    story = demo.Story(now - timedelta(days=3), now, Random(7), lambda *_: None)
    makers = demo._founders(story)
    demo.FOLDERS = ()
    demo._music(story, makers)
    person = people.register(LISTENER, "Lena Fischer", language="en", time_zone="Europe/Dublin", confirmed=True, now=now)
    demo._top_up(person, 2000, story)
    password, key = keys.make(person, "players", now=now), keys.make(person, "key", api_key=True, now=now)
    (data / KEYS).write_text(f"{password.row.username} {password.secret} {key.secret}")
    Coop.objects.update(filled_at=now)
    record.seal(now)
    return 0


def built(home: Path) -> Path:
    """The folder of the house, made when it is asked for the first time; several processes may ask at once."""
    from tests.e2e.server import environment, madang

    data = home / "music-house"
    with (home / "music-house.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (data / KEYS).exists():
            done = subprocess.run(
                [sys.executable, "-m", "tests.musichouse", str(data)], env=environment(data), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
            )
            assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
            madang(data, "stop")
    return data


def copy(factory: pytest.TempPathFactory, name: str) -> Path:
    """A data folder of one's own, just like the small music co-op."""
    to = factory.mktemp(name) / "data"
    subprocess.run(["cp", "-a", "--reflink=auto", str(built(shared_folder(factory))), str(to)], check=True)
    shutil.rmtree(to / "socket", ignore_errors=True)
    return to


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run see."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


if __name__ == "__main__":
    sys.exit(make(Path(sys.argv[1])))

"""Houses to copy, in data folders of their own: one nobody has founded yet (``tests/tables.py``), and a small demo, made once a test run.

``python -m tests.houses FOLDER`` founds and fills the demo by the same actions as ``madang demo``, with fewer people.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import tables

CLIENTS, WORKERS = 12, 6
ROOT = Path(__file__).resolve().parents[1]
OWN = (tables.STAMP, tables.DUMP, "socket", "secret_key")  # what a copy of an unfounded house does not take along


def make(data: Path) -> int:
    """Found ``charters/upandgo.toml`` as a demo and fill it with a small past. For a process of its own."""
    from madang.site import start

    start.ground(data)
    start.house()
    from madang.coop import law
    from madang.coop.charter.command import found_file
    from madang.coop.law import clock
    from madang.coop.law.models import Coop

    start.prepare(print)
    if code := found_file(ROOT / "charters/upandgo.toml", print, backdate=True):
        return code
    from madang.platforms.services import demo, demo_story

    life = demo.Life(clock.now(), clients=CLIENTS, workers=WORKERS)
    demo_story.begin(life)
    life.run()
    Coop.objects.update(filled_at=clock.now())
    law.request_ended()
    return 0


def template(factory: pytest.TempPathFactory) -> Path:
    """The data folder of the small demo, stopped: made by whichever test process needs it first."""
    base = factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "small-demo"
    with (shared / "small-demo.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            from tests.e2e.server import environment, madang

            shutil.rmtree(folder, ignore_errors=True)
            _copy(tables.house(tables.TESTS), folder)
            done = subprocess.run(
                [sys.executable, "-m", "tests.houses", str(folder)], env=environment(folder), cwd=ROOT, capture_output=True, text=True, timeout=500, check=False
            )
            madang(folder, "stop")
            assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
            (folder / "made").touch()
    return folder


def copy(factory: pytest.TempPathFactory, name: str) -> Path:
    """A data folder of one's own, just like the small demo."""
    source, to = template(factory), factory.mktemp(name, numbered=True) / "data"
    _copy(source, to, ("socket",))
    return to


def unfounded(to: Path) -> Path:
    """Make ``to`` the data folder of a house nobody has founded: what ``madang found`` would first prepare there is prepared."""
    _copy(tables.house(tables.TESTS), to)
    return to


def _copy(source: Path, to: Path, without: tuple[str, ...] = OWN) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(to)], check=True)
    for name in without:
        if (to / name).is_dir():
            shutil.rmtree(to / name)
        else:
            (to / name).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(make(Path(sys.argv[1])))

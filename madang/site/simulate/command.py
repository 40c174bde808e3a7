"""``madang simulate``: seeds, a line each, and what went wrong in them at the end."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from madang.site.simulate.run import Result

DAYS = 30


def parser() -> argparse.ArgumentParser:
    """Its arguments."""
    words = "A random co-op on the real program and a real PostgreSQL, with faults. No co-op of yours is touched."
    made = argparse.ArgumentParser(prog="madang simulate", description=words)
    made.add_argument("--seed", type=int, default=1, help="the first seed (default 1)")
    made.add_argument("--seeds", type=int, default=1, metavar="N", help="how many seeds (default 1)")
    made.add_argument("--days", type=int, default=DAYS, help=f"how many days each lives (default {DAYS})")
    made.add_argument("--jobs", type=int, metavar="N", help="how many seeds are lived at once (default: one a core)")
    made.add_argument("--plan", action="store_true", help="only print what would happen; no database is started")
    made.add_argument("--trace", action="store_true", help="print each step and its answer as it happens")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the results there, a line a seed")
    made.add_argument("--again", action="store_true", help="live each seed twice: its books must come out the same, to the last transfer")
    made.add_argument("--folder", type=Path, help="where to work; the co-op that all seeds begin with is kept there (otherwise a temporary folder)")
    return made


def main(arguments: Sequence[str]) -> int:
    """0 when every seed is clean, 1 with the seed that is not and the command that replays it."""
    args = parser().parse_args(arguments)
    if args.days < 2 or args.seeds < 1 or (args.jobs or 1) < 1:
        print("madang simulate: at least two days, one seed, one at once", file=sys.stderr)
        return 2
    if args.plan:
        from madang.site.simulate import plan

        for step in plan.draw(args.seed, args.days):
            print(step.said())
        return 0
    folder = args.folder or Path(tempfile.mkdtemp(prefix="madang-sim-"))
    stop_as_ctrl_c()
    try:
        return _simulate(args, folder)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    finally:
        if args.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def stop_as_ctrl_c() -> None:
    """Whoever is told to end (SIGTERM, a closed terminal) ends as by Ctrl+C: nothing that was started here stays. Told twice changes nothing."""
    ends = [one for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is not signal.SIG_IGN]  # nohup ignores one

    def stop(number: int, _frame: FrameType | None) -> None:
        for one in ends:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt(number)

    for one in ends:
        signal.signal(one, stop)


def _simulate(args: argparse.Namespace, folder: Path) -> int:
    from madang.site.simulate import ids

    ids.install()
    from madang.site import start
    from madang.site.simulate import accountants, jobs
    from madang.site.simulate.world import World

    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    world = World(folder)
    world.ground()
    start.house()
    warm()
    print(f"Making the co-op … The books are shown to: {', '.join(accountants.here()) or 'nobody (bash tools/accountants.sh)'}", flush=True)
    try:
        world.make()
        world.warm()
    finally:
        world.end()
    count = min(args.jobs or jobs.cores(), args.seeds)
    print(f"  {time.monotonic() - began:.1f} s; {count} at once", flush=True)
    faults: Counter[str] = Counter()
    clean, wrong = 0, []
    wish = jobs.Wish(args.days, args.trace, args.again)
    try:
        for result, took in jobs.live(folder, range(args.seed, args.seed + args.seeds), wish, count):
            faults += result.faults
            _say(result, took, args)
            if result.wrong:
                wrong.append(result.seed)
            else:
                clean += 1
    finally:
        _table(faults, clean, time.monotonic() - began)
    return 1 if wrong else 0


def _say(result: Result, took: float, args: argparse.Namespace) -> None:
    word = "clean" if not result.wrong else "WRONG"
    print(
        f"seed {result.seed:5}  {result.steps:4} steps  {result.done:4} done  {result.refused:3} refused  {sum(result.faults.values()):4} faults  "
        f"{took:5.1f} s  {result.digest[:12]}  {word}",
        flush=True,
    )
    if args.json:
        with args.json.open("a") as file:
            told = {"seed": result.seed, "steps": result.steps, "done": result.done, "refused": result.refused, "faults": dict(result.faults)}
            file.write(json.dumps(told | {"digest": result.digest, "wrong": result.wrong}) + "\n")
    if result.wrong:
        for sentence in result.wrong[:20]:
            print(f"  {sentence}")
        print(f"Replay it: madang simulate --seed {result.seed} --days {args.days} --trace", flush=True)


def warm() -> None:
    """Load what the workers will need, so that one that was killed is there again at once."""
    from importlib import import_module
    from importlib.util import find_spec

    from django.conf import settings

    import_module(settings.ROOT_URLCONF)
    for app in settings.HOUSE_APPS:
        for room in ("hooks", "rules", "kinds"):
            if find_spec(f"{app}.{room}"):
                import_module(f"{app}.{room}")


def _table(faults: Counter[str], clean: int, took: float) -> None:
    from madang.site.simulate.step import FAULTS

    print(f"\n{clean} seeds clean in {took:.0f} s. What went wrong in them, and was borne:")
    for name, words in FAULTS.items():
        print(f"{faults[name]:8}  {name:18} {words}")

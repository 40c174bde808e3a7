"""Seeds lived side by side: each process has a world of its own, copied from the same template, and is handed one seed after the other."""

from __future__ import annotations

import contextlib
import ctypes
import os
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from time import monotonic
from typing import Any

from madang.site import postgres
from madang.site.simulate.run import Life, Result
from madang.site.simulate.world import World

SUBREAPER = 36
"""Linux, prctl(2): orphans of this process come to it, so that a killed PostgreSQL is gone at once and not a zombie of somebody else's."""


@dataclass(frozen=True)
class Wish:
    """How a seed is to be lived."""

    days: int
    trace: bool = False
    again: bool = False


def cores() -> int:
    """As many as this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def live(folder: Path, seeds: Iterable[int], wish: Wish, jobs: int) -> Iterator[tuple[Result, float]]:
    """Each result with the seconds it took, as they come; after one that is not clean no new seed is begun."""
    fork, left = get_context("fork"), iter(seeds)
    pipes: dict[Any, Any] = {}
    for number in range(jobs):
        ours, theirs = fork.Pipe()
        process = fork.Process(target=_job, args=(folder, number, wish, theirs, [*pipes, ours]))
        process.start()
        theirs.close()
        pipes[ours] = process
    try:
        busy = {pipe for pipe in pipes if _hand(pipe, left)}
        while busy:
            for pipe in wait(list(busy)):
                busy.discard(pipe)
                try:
                    result, took = pipe.recv()
                except EOFError:
                    raise RuntimeError("a process that lived a seed died") from None
                if result.wrong:
                    left = iter(())
                yield result, took
                if _hand(pipe, left):
                    busy.add(pipe)
    except BaseException:  # whoever stops us, or died, does not wait for seeds that are being lived
        for process in pipes.values():
            process.terminate()
        raise
    finally:
        for pipe, process in pipes.items():
            with contextlib.suppress(OSError):
                pipe.send(None)
            pipe.close()
            process.join()


def _hand(pipe: Any, left: Iterator[int]) -> bool:
    seed = next(left, None)
    if seed is not None:
        pipe.send(seed)
    return seed is not None


def _job(folder: Path, number: int, wish: Wish, pipe: Any, others: list[Any]) -> None:
    for one in others:
        one.close()
    world = settle(folder, number)
    try:
        while (seed := pipe.recv()) is not None:
            began = monotonic()
            try:
                result = _lived(world, seed, wish)
            except Exception:
                result = Result(seed, wrong=[f"the simulation itself: {traceback.format_exc()}"])
            pipe.send((result, monotonic() - began))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        pass
    finally:
        world.end()


def settle(folder: Path, number: int) -> World:
    """This process and its children live in the home of that number."""
    from django.conf import settings
    from django.db import connection

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    world = World(folder, f"co-op-{number}")
    world.end()
    settings.DATA = world.home
    os.environ["MADANG_DATA"] = str(world.home)
    connection.settings_dict["HOST"] = str(postgres.socket_folder(world.home))
    return world


def _lived(world: World, seed: int, wish: Wish) -> Result:
    result = Life(world, seed, wish.days, wish.trace).run()
    if wish.again and not result.wrong:
        other = Life(world, seed, wish.days, wish.trace).run()
        if (other.digest, other.faults) != (result.digest, result.faults):
            result.wrong.append(f"replay: the second time the books are {other.digest[:12]} {' '.join(other.wrong)}")
    return result

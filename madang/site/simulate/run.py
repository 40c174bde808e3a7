"""One seed: its plan is lived step by step, each with what goes wrong, and each answer held against the model's."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from typing import Any

from madang.site import postgres
from madang.site.simulate import judge, plan
from madang.site.simulate.model import Model, No, Wrong
from madang.site.simulate.step import Fault, Step
from madang.site.simulate.steps import KINDS
from madang.site.simulate.worker import serve
from madang.site.simulate.world import World, reap

TRIES = 8
PATIENCE = 120
SEOUL = timedelta(hours=9)
DIED, UNHEARD = "the process died", "nobody heard"


class Lane:
    """One worker process, started again whenever it died."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.number, self.deaths = world, number, 0
        self._start()

    def _start(self) -> None:
        fork = get_context("fork")
        self.pipe, theirs = fork.Pipe()
        self.process = fork.Process(target=serve, args=(theirs, self.world.home), daemon=True)
        self.process.start()
        theirs.close()

    def send(self, asked: dict[str, Any]) -> None:
        """Ask."""
        with contextlib.suppress(BrokenPipeError):
            self.pipe.send(asked)

    def hear(self) -> dict[str, Any]:
        """The answer; ``{"lost": …}`` from one that died, which is started again."""
        try:
            if self.pipe.poll(PATIENCE):
                return dict(self.pipe.recv())
            why = f"no answer in {PATIENCE} seconds"
        except (EOFError, ConnectionResetError):
            why = DIED
        self.stop()
        self.deaths += 1
        self._start()
        return {"lost": why}

    def stop(self) -> None:
        """It is no more."""
        with contextlib.suppress(OSError):
            os.kill(self.process.pid or 0, signal.SIGKILL)
        self.process.join()
        self.pipe.close()


@dataclass
class Result:
    """What became of a seed."""

    seed: int
    steps: int = 0
    done: int = 0
    refused: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    digest: str = ""
    wrong: list[str] = field(default_factory=list)


class Life:
    """A seed being lived."""

    def __init__(self, world: World, seed: int, days: int, trace: bool = False) -> None:
        self.world, self.seed, self.trace = world, seed, trace
        self.steps = plan.draw(seed, days)
        self.result = Result(seed, len(self.steps))
        self.names = dict(world.names)
        self.days: list[date | None] = []
        self._asked = 0

    def run(self) -> Result:
        """Live it, then judge it."""
        self.world.begin()
        self.lanes = [Lane(self.world, 0), Lane(self.world, 1)]
        try:
            told = self.ask("world.books", at=self.steps[0].at)
            self.model = Model(self.seed, judge.balances(told, self.names), _facts())
            stops = plan.checkpoints(self.steps)
            for step in self.steps:
                if self.trace:
                    print(step.said(), flush=True)
                self._live(step)
                if step.number in stops:
                    self._stop(step.at)
            self._end()
        except Wrong as wrong:
            self.result.wrong.append(str(wrong))
        finally:
            for lane in self.lanes:
                lane.stop()
            self.world.end()
        return self.result

    # -- one step -------------------------------------------------------------------------------------------------------

    def _live(self, step: Step) -> None:
        kind, _dot, verb = step.verb.partition(".")
        args: dict[str, Any] | None = step.args
        if kind != "world":
            self.model.facts["now"] = step.at
            args = KINDS[kind].fill(self.model, verb, step.args)
            if args is None:
                return
        self.result.faults.update(step.counts)
        if step.fault:
            self.result.faults[step.fault.kind] += 1
        answer = self._ask(step, args or {})
        if self.trace:
            print(f"     → {answer}", flush=True)
        if kind == "world":
            self._swept(step, answer)
            return
        self._judge(step, args or {}, answer)
        if step.fault and step.fault.kind.endswith("killed"):
            self.ask("world.sweep", at=step.at)  # what a killed request left to do (a stored message, a refund to send) the steward does within a second
            self._model_sweeps(step.at, False, f"step {step.number}")

    def _judge(self, step: Step, args: dict[str, Any], answer: dict[str, Any]) -> None:
        kind, _dot, verb = step.verb.partition(".")
        told = answer.get("done") or {}
        for name, ident in (told.get("names") or {}).items():
            if self.names.setdefault(name, ident) != ident:
                raise Wrong(f"step {step.number}: {name} is there twice ({self.names[name]}, {ident})")
        self.model.facts["now"] = step.at
        try:
            KINDS[kind].EXPECT[verb](self.model, args, step.at, told)
        except No as no:
            if not {answer.get("refused"), answer.get("also", answer.get("refused"))} <= set(no.codes):
                raise Wrong(f"step {step.number} ({step.said()}): {answer}, and the model says it must be refused: {no}") from no
            self.result.refused += 1
            return
        except Wrong as wrong:
            raise Wrong(f"step {step.number} ({step.said()}): {wrong}") from wrong
        if "done" not in answer:
            raise Wrong(f"step {step.number} ({step.said()}): {answer}, and the model says it is to be done")
        self.result.done += 1

    def _swept(self, step: Step, answer: dict[str, Any]) -> None:
        if "done" not in answer:
            raise Wrong(f"step {step.number}: the sweep came to {answer}")
        self._model_sweeps(step.at, step.fault is not None and step.fault.kind.endswith("killed"), f"step {step.number}")

    def _model_sweeps(self, at: datetime, interrupted: bool, where: str) -> None:
        told = self.ask("world.look", at=at)
        for name, ident in told["names"].items():
            if self.names.setdefault(name, ident) != ident:
                raise Wrong(f"{where}: {name} is there twice ({self.names[name]}, {ident})")
        try:
            for kind in KINDS.values():
                kind.swept(self.model, at, told, interrupted)
        except Wrong as wrong:
            raise Wrong(f"{where}, after the sweep of {at:%Y-%m-%d %H:%M}: {wrong}") from wrong

    def _ask(self, step: Step, args: dict[str, Any]) -> dict[str, Any]:
        """Ask as the step's fault wants it, and again until the answer is certain. The repeat is the same request."""
        fault = step.fault
        if fault and fault.kind == "doubled":
            return self._twice(step, args)
        answer = self._once(step, args, 0, fault)
        if fault and (fault.kind == "answer-lost" or fault.kind.endswith("killed")):
            answer = {"lost": UNHEARD}
        for attempt in range(1, TRIES):
            if "lost" not in answer:
                return answer
            if answer["lost"] not in (DIED, UNHEARD):
                self._up()
            answer = self._once(step, args, attempt, None)
        return answer

    def _request(self, step: Step, args: dict[str, Any], salt: str, fault: Fault | None) -> dict[str, Any]:
        return {"verb": step.verb, "args": args, "now": step.at, "names": self.names, "ids": f"{self.seed} {step.number} {salt}", "fault": fault}

    def _salt(self, step: Step, attempt: int, lane: int) -> str:
        """What makes something new makes it under the same ids in every try, so that the seed replays; all else has ids of its own."""
        kind, _dot, verb = step.verb.partition(".")
        return "" if kind != "world" and verb in KINDS[kind].MAKES else f"{attempt} {lane}"

    def _once(self, step: Step, args: dict[str, Any], attempt: int, fault: Fault | None) -> dict[str, Any]:
        lane = self.lanes[0]
        lane.send(self._request(step, args, self._salt(step, attempt, 0), fault))
        answer = lane.hear()
        if fault and fault.kind == "postgresql-killed":
            self._up()
        return answer

    def _up(self) -> None:
        reap()
        postgres.ensure(self.world.home)

    def _twice(self, step: Step, args: dict[str, Any]) -> dict[str, Any]:
        """The same request in both processes at once: both must be told the same."""
        for lane in self.lanes:
            lane.send(self._request(step, args, self._salt(step, 0, lane.number), None))
        answers = [lane.hear() for lane in self.lanes]
        if step.verb == "world.sweep":
            return self._once(step, args, 1, None)  # the steward comes each second; one of the two may have stood back
        if all("refused" in one for one in answers):
            return {"refused": answers[0]["refused"], "also": answers[1]["refused"]}  # where two things are wrong each may name one
        if _certain(answers[0]) != _certain(answers[1]):
            raise Wrong(f"step {step.number} ({step.said()}): asked twice at once, it was told {answers[0]} and {answers[1]}")
        unsure = any(name.startswith("_") for name in answers[0].get("done", {}))
        return self._once(step, args, 1, None) if unsure else answers[0]

    def ask(self, verb: str, at: datetime | None = None, **args: Any) -> dict[str, Any]:
        """A question about the world. Raises ``Wrong`` when it is not answered."""
        self._asked += 1
        step = Step(at or self.steps[-1].at, verb, args)
        answer = self._once(step, args, self._asked, None)
        if "done" not in answer:
            raise Wrong(f"{verb}: {answer.get('broke') or answer}")
        return dict(answer["done"])

    # -- judged ---------------------------------------------------------------------------------------------------------

    def _quiet(self, at: datetime, minutes: tuple[int, ...] = (10, 30)) -> None:
        """The steward comes a few times more, so that what was on its way has arrived."""
        for more in minutes:
            then = at + timedelta(minutes=more)
            self.ask("world.sweep", at=then)
            self._model_sweeps(then, False, "quiet")

    def _stop(self, at: datetime) -> None:
        self._quiet(at)
        self._books(f"on the evening of {(at + SEOUL).date()}")
        self.days.append((at + SEOUL).date())

    def _books(self, when: str) -> dict[str, Any]:
        told = self.ask("world.books")
        self.result.wrong += [f"{when}: {one}" for one in judge.books(self.model, told, self.names)]
        return told

    def _end(self) -> None:
        self.result.faults.update(self.model.faults)
        at = self.steps[-1].at + timedelta(days=3)
        self._quiet(at, (0, 10, 300, 900))
        told = self._books("in the end")
        dates = [(day, self.model.standing(_end_of(day) if day else None)) for day in [*self.days, None]]
        folder = self.world.folder / f"judged-{self.world.home.name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.result.wrong += judge.program(self.ask, folder / "record", self.model)
        self.result.wrong += judge.foreign(self.ask, folder, dates, self.names, self.seed)
        self.result.digest = judge.digest(told, self.names)


def _certain(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what may still be on its way (names that begin with "_")."""
    done = answer.get("done")
    return answer if done is None else {"done": {name: value for name, value in done.items() if not name.startswith("_")}}


def _end_of(day: date) -> datetime:
    """Midnight in Seoul."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) - SEOUL


def _facts() -> dict[str, Any]:
    from fractions import Fraction

    split = {"provider": Fraction(95, 100), "upkeep": Fraction(5, 100)}
    return {"split": split, "tips": {"worker": Fraction(1), "fund": Fraction(0), "upkeep": Fraction(0)}}

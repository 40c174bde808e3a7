"""From a seed, what happens and what goes wrong: nothing here asks the program, the clock or chance, so the same seed is the same plan, always."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from madang.site.simulate.step import START, Fault, Step
from madang.site.simulate.steps import KINDS

SWEEPS = (timedelta(hours=2), timedelta(hours=11))
"""When the steward comes, from nine in the morning in Seoul: at eleven and at eight."""
WRONG = {"": 56, "server-killed": 15, "answer-lost": 11, "doubled": 12, "reordered": 6}


def draw(seed: int, days: int) -> list[Step]:
    """All steps of a seed, in their order, numbered from 1."""
    dice = Random(f"madang {seed}")  # noqa: S311  the dice of a simulation
    steps = [step for kind in KINDS.values() for step in kind.draw(dice, days)]
    steps += [Step(START + timedelta(days=day) + at, "world.sweep") for day in range(days + 1) for at in SWEEPS]
    steps = [step for _at, _number, step in sorted((step.at, number, step) for number, step in enumerate(steps))]
    steps = _jump(steps, dice, days)
    steps = [_wrong(step, dice) for step in steps]
    steps = _postgres(_reorder(_behind(steps, dice)), dice)
    return [replace(step, number=number) for number, step in enumerate(steps, 1)]


def checkpoints(steps: list[Step]) -> set[int]:
    """The numbers of the steps after which the books are held against the model: two evenings on the way."""
    evenings = [one.number for one in steps if one.verb == "world.sweep" and one.at.hour == 11 and not one.fault]
    return {evenings[len(evenings) // 3], evenings[2 * len(evenings) // 3]} if len(evenings) > 3 else set()


def _jump(steps: list[Step], dice: Random, days: int) -> list[Step]:
    """Once or twice, days pass in which nobody does anything."""
    for _time in range(dice.choice((0, 1, 1, 2))):
        number = dice.randrange(1, len(steps))
        by = timedelta(days=dice.choice((1, 2, 3, 9)))
        first, *rest = [step.moved(by) for step in steps[number:]]
        steps = [*steps[:number], replace(first, counts=(*first.counts, "clock-ahead")), *rest]
    return steps


def _makes(step: Step) -> bool:
    kind, _dot, verb = step.verb.partition(".")
    return kind != "world" and verb in KINDS[kind].MAKES


def _wrong(step: Step, dice: Random) -> Step:
    kind = dice.choices(list(WRONG), list(WRONG.values()))[0]
    if not kind or (kind == "reordered" and (_makes(step) or step.verb == "world.sweep")):
        return step
    if kind == "server-killed":
        return replace(step, fault=_death(kind, dice, step.verb == "world.sweep"))
    return replace(step, fault=Fault(kind))


def _death(kind: str, dice: Random, long: bool) -> Fault:
    point = dice.choices(("statement", "before-commit", "after-commit", "answer"), (50, 20, 20, 10))[0]
    most = 90 if long else 24
    return Fault(kind, point, dice.randint(1, most if point == "statement" else 3) if point != "answer" else 0)


def _reorder(steps: list[Step]) -> list[Step]:
    """A step marked so is asked for just before the one it follows, and again in its place."""
    made: list[Step] = []
    for step in steps:
        if step.fault and step.fault.kind == "reordered" and made:
            early = replace(step, at=made[-1].at, fault=None, counts=(*step.counts, "reordered"))
            made.insert(len(made) - 1, early)
            step = replace(step, fault=None)
        made.append(step)
    return made


def _behind(steps: list[Step], dice: Random) -> list[Step]:
    """Some steps are booked by a machine whose clock is up to an hour and a half behind."""
    return [
        replace(step, at=step.at - timedelta(minutes=dice.randrange(1, 90)), counts=(*step.counts, "clock-back"))
        if step.verb != "world.sweep" and dice.random() < 0.04
        else step
        for step in steps
    ]


def _postgres(steps: list[Step], dice: Random) -> list[Step]:
    """Once or twice PostgreSQL dies, in the middle of anything."""
    for number in dice.sample(range(len(steps)), k=min(len(steps), dice.choice((1, 1, 2)))):
        step = steps[number]
        steps[number] = replace(step, fault=_death("postgresql-killed", dice, step.verb == "world.sweep"))
    return steps

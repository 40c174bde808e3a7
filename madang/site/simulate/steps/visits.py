"""Visits: booked, paid, accepted, done, confirmed by a word or by time; cancelled; a problem the office settles; a tip.

What must come of each is in :mod:`madang.site.simulate.visiting`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from madang.site.simulate import paying
from madang.site.simulate.model import Model
from madang.site.simulate.step import START, Step
from madang.site.simulate.visiting import CLIENTS, EXPECT, HOUR, WORKERS, swept

MAKES = {"book", "tip"}
__all__ = ["CLIENTS", "DO", "EXPECT", "MAKES", "WORKERS", "draw", "fill", "swept"]


# -- drawn ------------------------------------------------------------------------------------------------------------------


def draw(dice: Random, days: int) -> list[Step]:
    """About a visit every other day, each with its own course."""
    steps: list[Step] = []
    for number in range(1, max(3, days // 2) + 1):
        steps += _course(dice, f"v{number}", days)
    return steps


def _course(dice: Random, name: str, days: int) -> list[Step]:
    at = START + timedelta(days=dice.randrange(max(1, days - 4)), minutes=dice.randrange(30, 600))
    client, worker = dice.choice(list(CLIENTS)), dice.choice(list(WORKERS))
    start = at.replace(minute=0) + timedelta(days=dice.choice((1, 1, 2, 3, 4)))
    start = start.replace(hour=dice.choice((0, 1, 2, 5)), minute=dice.choice((0, 15, 30)))  # nine to two in Seoul
    book = Step(at, "visits.book", {"name": name, "client": client, "worker": worker, "start": start})
    choice, counts = paying.draw(dice)
    steps = [book]
    job = {"name": name}
    if not dice.random() < 0.06:
        minutes = dice.choice((1, 2, 4, 7, 12, 14))
        steps.append(Step(at + timedelta(minutes=minutes), "visits.pay", {"what": name, "choice": choice}, counts=counts))
        if choice in ("decline", "insufficient") and dice.random() < 0.6:
            steps.append(Step(at + timedelta(minutes=minutes + 1), "visits.pay", {"what": name, "choice": "approve"}))
        if dice.random() < 0.1:
            signed = dice.random() < 0.7
            lie = {"what": name, "more": dice.choice((1, 1000, 10**9)), "signed": signed}
            steps.append(Step(at + timedelta(minutes=minutes + dice.choice((0, 3))), "visits.lie", lie, counts=("rail-lies" if signed else "rail-unsigned",)))
    accept = at + timedelta(minutes=dice.choice((20, 60, 180, 700)))
    course = dice.choices(("done", "cancel", "early", "problem", "nobody", "worker"), (60, 12, 6, 10, 6, 6))[0]
    if course != "nobody" and course != "early":
        steps.append(Step(accept, "visits.accept", job))
    if course in ("cancel", "early"):
        before = timedelta(hours=dice.choice((1, 3, 20, 26, 50)))
        steps.append(Step(max(at + timedelta(minutes=16), start - before), "visits.cancel", job))
    if course == "worker":
        steps.append(Step(max(accept + HOUR, start - timedelta(hours=dice.choice((3, 30)))), "visits.cannot", job))
    if course in ("done", "problem", "worker"):
        steps.append(Step(start + timedelta(minutes=dice.randrange(-10, 10)), "visits.check_in", job))
        steps.append(Step(start + timedelta(hours=3), "visits.check_out", job))
        after = start + timedelta(hours=dice.choice((4, 6, 10)), minutes=dice.randrange(60))
        if course == "problem":
            steps.append(Step(after, "visits.problem", job))
            steps.append(Step(after + dice.choice((1, 20)) * HOUR, "visits.settle", {"name": name, "percent": dice.choice((0, 15, 33, 50, 100))}))
        elif dice.random() < 0.6:
            steps.append(Step(after, "visits.confirm", job))
        if dice.random() < 0.3:
            steps.append(Step(after + 2 * HOUR, "visits.tip", {"name": name, "percent": dice.choice((3, 7, 10))}))
            choice, counts = paying.draw(dice)
            steps.append(Step(after + 2 * HOUR + timedelta(minutes=5), "visits.pay", {"what": f"tip-{name}", "choice": choice}, counts=counts))
    return steps


def fill(model: Model, verb: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """What can only be said once it is there; None when the thing never came to be."""
    if verb == "book":  # the same time in the same home is the same booking, and the plan calls it something else: left out
        held = [one for name, one in model.of("jobs").items() if one["state"] == "held" and name != args["name"]]
        return None if any((one["client"], one["start"]) == (args["client"], args["start"]) for one in held) else args
    if "what" in args:
        return args if args["what"] in model.of("charges") else None
    job = model.of("jobs").get(args["name"])
    if job is None:
        return None
    if verb == "cannot":
        return {**args, "who": job["worker"]}
    return {**args, "amount": max(1, job["price"] * args["percent"] // 100)} if "percent" in args else args


# -- done -------------------------------------------------------------------------------------------------------------------


def _job(names: dict[str, str], args: dict[str, Any]) -> Any:
    from madang.platforms.services.models import Job

    return Job.objects.select_related("client", "worker__person").get(pk=names[f"job {args['name']}"])


def _person(names: dict[str, str], name: str) -> Any:
    from madang.coop.people.models import Person

    return Person.objects.get(pk=names[f"person {name}"])


def book(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The client chooses a time and a worker."""
    from madang.platforms.services import actions

    home, worker = UUID(names[f"home {args['client']}"]), UUID(names[f"worker {args['worker']}"])
    job = actions.book(_person(names, args["client"]), home, {}, args["start"], worker_id=worker, now=now)
    made = {f"job {args['name']}": str(job.pk), f"charge {args['name']}": str(job.charge_id)}
    return {"names": made, "price": job.price, "minutes": job.minutes, "until": job.hold_until}


def _worker_does(name: str) -> Any:
    def do(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
        from madang.platforms.services import actions

        job = _job(names, args)
        who = _person(names, args["who"]) if "who" in args else job.worker.person
        return {"state": getattr(actions, name)(who, job.pk, now=now).state}

    return do


def _client_does(name: str) -> Any:
    def do(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
        from madang.platforms.services import actions

        job = _job(names, args)
        return {"state": getattr(actions, name)(job.client, job.pk, now=now).state}

    return do


def cannot(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The worker who took it says that they cannot come."""
    from madang.platforms.services import actions

    job = _job(names, args)
    actions.cancel_by_worker(_person(names, args["who"]), job.pk, now=now)
    return look(names, args, now)


def look(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """How a job is."""
    job = _job(names, args)
    worker = next((name.partition(" ")[2] for name, one in names.items() if one == str(job.worker_id) and name.startswith("worker ")), "")
    return {"state": job.state, "worker": worker}


def problem(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The client says that something was wrong."""
    from madang.platforms.services import actions

    job = _job(names, args)
    actions.report_problem(job.client, job.pk, "Something was wrong.", now=now)
    return {}


def settle(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The office decides."""
    from madang.platforms.services import actions

    job = actions.settle_problem(_person(names, "p1"), _job(names, args).pk, refund=args["amount"], answer="So be it.", now=now)
    return {"state": job.state}


def tip(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The client thanks."""
    from madang.platforms.services import actions

    job = _job(names, args)
    made = actions.tip(job.client, job.pk, args["amount"], now=now)
    return {"names": {f"charge tip-{args['name']}": str(made.charge_id), f"tip {args['name']}": str(made.pk)}}


DO = {
    "book": book, "pay": paying.pay, "lie": paying.lie, "accept": _worker_does("accept"),
    "check_in": _worker_does("check_in"), "check_out": _worker_does("check_out"), "cannot": cannot, "confirm": _client_does("confirm"),
    "cancel": _client_does("cancel_by_client"), "problem": problem, "settle": settle, "tip": tip,
}  # fmt: skip

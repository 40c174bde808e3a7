"""The rail's own book says another figure than it told us: the daily reconciliation has to name it, nothing else, until somebody settles it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from madang.site.simulate.model import Model, No, Wrong
from madang.site.simulate.paying import BANK
from madang.site.simulate.step import START, Step
from madang.site.simulate.steps.visits import _person

SEEN_BY = timedelta(hours=50)
"""By then the day of the lie is over, its two hours of grace too, and the steward came."""
MAKES: set[str] = set()


def draw(dice: Random, days: int) -> list[Step]:
    """Once in ten days, about a payment of the days before; the treasurer looks into it three days later."""
    steps = []
    for _number in range(max(1, days // 10)):
        at = START + timedelta(days=dice.randrange(1, max(2, days - 4)), minutes=dice.randrange(300, 640))
        what, more = f"v{dice.randrange(1, max(3, days // 2) + 1)}", dice.choice((1, -1, 1_000, -20_000, 10**6))
        steps.append(Step(at, "rails.misreport", {"what": what, "more": more}, counts=("rail-misreports",)))
        steps.append(Step(at + timedelta(days=3), "rails.resolve", {"what": what, "how": dice.choice(("explained", "suspense"))}))
    return steps


def fill(model: Model, verb: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """A payment the rail may still be asked about; a difference that has a name."""
    if verb == "resolve":
        return args if model.of("lies").get(args["what"], {}).get("named") else None
    charge = model.of("charges").get(args["what"], {})
    fresh = charge.get("booked") and charge["paid"] + timedelta(days=2) > model.facts["now"]
    return args if fresh and args["what"] not in model.of("disputes") else None


def misreport(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What it will tell of this payment when it is asked."""
    from madang.coop.payments import sandbox
    from madang.coop.payments.models import Charge

    charge, store = Charge.objects.get(pk=names[f"charge {args['what']}"]), sandbox.rail().store
    with store.locked(charge.ref) as found:
        if found is not None:
            told = [[ref, kind, charge.amount + args["more"] if kind == "payment" else amount, *rest] for ref, kind, amount, *rest in found.moved]
            store.keep(replace(found, moved=told))
    return {}


def resolve(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The treasurer says what it was."""
    from madang.coop.payments import resolving
    from madang.coop.payments.models import Difference

    charge = names[f"charge {args['what']}"]
    report = next(one for one in resolving.newest() if one.rail == "sandbox")
    found = report.differences.filter(charge=charge).first() or Difference.objects.filter(charge=charge).order_by("-pk").first()
    if found is not None:
        resolving.resolve(found.pk, args["how"], "Asked the rail.", by=_person(names, "p2"), now=now)
    return {}


DO = {"misreport": misreport, "resolve": resolve}


def expect_misreport(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """From the next day on it has a name."""
    model.of("lies").setdefault(args["what"], {"more": args["more"], "at": now, "named": False, "how": ""})["more"] = args["more"]


def expect_resolve(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Once; what is booked brings the books to what the rail says."""
    one = model.of("lies")[args["what"]]
    if one["how"]:
        if one["how"] != args["how"]:
            raise No("settled", "newer")
        return
    one["how"], more, place = args["how"], one["more"], ("suspense", "")
    if args["how"] == "suspense":
        model.book(f"resolved:{args['what']}", [(BANK, place, more) if more > 0 else (place, BANK, -more)], now)


EXPECT = {"misreport": expect_misreport, "resolve": expect_resolve}


def swept(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """What the newest report names and nobody has settled is what the rail lied about, to the won."""
    lies = {what: one for what, one in model.of("lies").items() if not one["how"]}
    for what, net in told["differs"].items():
        if what not in lies or net != lies[what]["more"]:
            raise Wrong(f"the reconciliation names {net} of {what or 'nobody knows what'}, and the rail lied about {lies}")
        lies[what]["named"] = True
    for what, one in lies.items():
        if one["at"] + SEEN_BY <= now and not interrupted and what not in told["differs"]:
            raise Wrong(f"the rail says {one['more']} more of {what} since {one['at']}, and no report names it")

"""A year is closed: what it left is proposed, voted on, and booked exactly as it was shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from madang.site.simulate.model import Model, Move, Wrong
from madang.site.simulate.step import Step
from madang.site.simulate.steps import votes
from madang.site.simulate.steps.visits import _person

MIDNIGHT = datetime(2026, 12, 31, 15, tzinfo=UTC)
"""The end of 2026 in Seoul."""
RESULT = ("card-costs", "dispute-losses", "goodwill", "upkeep")
NAME = "d20"
MAKES: set[str] = set()


# -- drawn ------------------------------------------------------------------------------------------------------------------


def draw(dice: Random, days: int) -> list[Step]:
    """On the second of January, when the plan is long enough for the vote to come to its end."""
    at = MIDNIGHT + timedelta(days=1, minutes=dice.randrange(600, 1_200))
    wish = {"voluntary": dice.choice(("0%", "30%", "50%")), "patronage": dice.choice(("0%", "40%", "100%"))}
    steps = [Step(at, "yearend.draft", {"name": NAME, "by": "p1", **wish}), Step(at + timedelta(minutes=2), "yearend.discuss", {"name": NAME})]
    for who in votes.VOTERS:
        cast = at + votes.DISCUSSION + timedelta(minutes=dice.randrange(1_500, 7_000))
        steps.append(Step(cast, "votes.cast", {"name": NAME, "who": who, "choice": dice.choice(("for", "for", "for", "against"))}))
    return steps if days >= 20 else []


def fill(model: Model, verb: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """Only a year in which a founder who works earned something has somebody to give a refund to."""
    if verb == "discuss":
        return args if NAME in model.of("decisions") else None
    earned = any(at < MIDNIGHT and into in (("payable", "p2"), ("payable", "p3")) for at, _out, into, _amount in model.log)
    return args if earned else None


# -- done -------------------------------------------------------------------------------------------------------------------


def draft(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What becomes of 2026."""
    from madang.coop.decisions import actions

    wish = {
        "year": 2026, "legal": "10%", "voluntary": args["voluntary"], "patronage": args["patronage"], "capital": "0%",
        "groups": {"worker": {"parts": 1, "measure": "earned"}},
    }  # fmt: skip
    own = votes._proposal_id(args["name"])
    return {"state": actions.draft(_person(names, args["by"]), "use_of_surplus", "The year", "Because.", details=wish, id=own, now=now).state}


def discuss(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """From here on the vote is on fixed lines: these."""
    from madang.coop.capital.models import Closing
    from madang.coop.decisions import actions

    one = votes._proposal(args["name"])
    actions.open_discussion(one, one.author, now=now)
    closing = Closing.objects.get(pk=one.pk)
    called = {ident: name.partition(" ")[2] for name, ident in names.items() if name.startswith("membership ")}
    lines = sorted((called[str(line.membership_id)], line.patronage) for line in closing.lines.all() if line.patronage)
    return {"closes": closing.books["closes"], "use": closing.use, "lines": lines}


DO = {"draft": draft, "discuss": discuss}


# -- expected ---------------------------------------------------------------------------------------------------------------


def expect_draft(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """A year that is over may be proposed."""
    model.of("decisions").setdefault(NAME, {"rule": "year", "value": None, "state": "draft", "votes": {}})


def expect_discuss(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """The result is what moved through the year's accounts; a tenth of it stays as the law says; no more is shared than is there."""
    one = model.of("decisions")[NAME]
    if one["state"] != "draft":
        return
    standing = model.standing(MIDNIGHT)
    closes = {kind: standing[kind, ""] for kind in RESULT if standing.get((kind, ""))}
    use, result = told["use"], sum(closes.values())
    if told["closes"] != closes:
        raise Wrong(f"the year closes {told['closes']}, and its accounts hold {closes}")
    if sum(amount for _who, amount in told["lines"]) != use["patronage"]:
        raise Wrong(f"the lines {told['lines']} are not {use['patronage']}")
    given = use["legal"] + use["voluntary"] + use["patronage"] + use["capital"]
    if result > 0 and (Fraction(use["legal"]) < Fraction(result, 10) or given > result):
        raise Wrong(f"{use} of {result}")
    if result <= 0 and given:
        raise Wrong(f"{use} of a loss of {result}")
    one["state"], one["opens"], one["surplus"] = "discussion", now + votes.DISCUSSION, told


EXPECT = {"draft": expect_draft, "discuss": expect_discuss}


def swept(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """What was voted for is booked, line by line."""
    one = model.of("decisions").get(NAME)
    if one is None or one["state"] != "in_force" or "year-end" in model.keys:
        return
    fixed, place = one["surplus"], ("surplus", "")
    moves: list[Move] = [((kind, ""), place, amount) if amount > 0 else (place, (kind, ""), -amount) for kind, amount in fixed["closes"].items()]
    moves += [(place, (f"{kind}-reserve", ""), fixed["use"][kind]) for kind in ("legal", "voluntary")]
    moves += [(place, ("payable", who), amount) for who, amount in fixed["lines"]]
    model.book("year-end", moves, now)

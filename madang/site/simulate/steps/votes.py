"""The members decide how a price, or a tip, is shared: proposed, voted, counted, in force."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from madang.site.simulate.model import Model, No, Wrong
from madang.site.simulate.step import START, Step
from madang.site.simulate.steps.visits import _person

VOTERS = ("p1", "p2", "p3", "p4", "p5")
DISCUSSION, VOTING, NOTICE = timedelta(days=3), timedelta(days=5), timedelta(days=2)
MAKES: set[str] = set()


# -- drawn ------------------------------------------------------------------------------------------------------------------


def draw(dice: Random, days: int) -> list[Step]:
    """One proposal after the other: a vote takes ten days."""
    steps = []
    for number in range(max(1, days // 13)):
        at = START + timedelta(days=13 * number, minutes=dice.randrange(30, 600))
        wish = {"name": f"d{number}", "by": dice.choice(VOTERS), **_change(dice)}
        steps += [Step(at, "votes.draft", wish), Step(at + timedelta(minutes=3), "votes.discuss", {"name": f"d{number}"})]
        for who in VOTERS:
            for _again in range(dice.choice((0, 1, 1, 1, 2))):
                cast = at + DISCUSSION + timedelta(minutes=dice.randrange(1, 7_400))
                steps.append(Step(cast, "votes.cast", {"name": f"d{number}", "who": who, "choice": dice.choice(("for", "for", "against", "abstain"))}))
    return steps


def _change(dice: Random) -> dict[str, Any]:
    if dice.random() < 0.3:
        fund = dice.choice((3, 7, 11))
        return {"rule": "services.tip_split", "value": {"worker": f"{100 - fund}%", "fund": f"{fund}%", "upkeep": "0%"}}
    half = dice.randrange(8, 26)
    return {"rule": "services.split", "value": {"provider": f"{(200 - half) / 2:g}%", "upkeep": f"{half / 2:g}%"}}


def fill(model: Model, verb: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """What was refused as a draft is not discussed."""
    return args if verb == "draft" or args["name"] in model.of("decisions") else None


# -- done -------------------------------------------------------------------------------------------------------------------


def _proposal_id(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"simulated {name}")


def _proposal(name: str) -> Any:
    from madang.coop.decisions.models import Proposal

    return Proposal.objects.get(pk=_proposal_id(name))


def draft(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Somebody writes it, under an id of their own."""
    from madang.coop.decisions import actions

    change = {"rule": args["rule"], "value": args["value"]}
    made = actions.draft(_person(names, args["by"]), "change_rules", "Another share", "Because.", [change], id=_proposal_id(args["name"]), now=now)
    return {"state": made.state}


def discuss(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """And puts it to all."""
    from madang.coop.decisions import actions

    one = _proposal(args["name"])
    made = actions.open_discussion(one, one.author, now=now)
    return {"opens": made.opens_at}


def cast(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A ballot, or another one instead."""
    from madang.coop.decisions import actions
    from madang.coop.decisions.models import Elector

    person = _person(names, args["who"])
    own = Elector.objects.filter(proposal=_proposal(args["name"]), membership=UUID(names[f"membership {args['who']}"])).first()
    actions.cast(_proposal(args["name"]), person, args["choice"], elector=own.pk if own else None, now=now)
    return {}


DO = {"draft": draft, "discuss": discuss, "cast": cast}


# -- expected ---------------------------------------------------------------------------------------------------------------


def _parts(value: dict[str, str]) -> dict[str, Fraction]:
    return {name: Fraction(share.rstrip("%")) / 100 for name, share in value.items()}


def _which(rule: str) -> str:
    return "split" if rule == "services.split" else "tips"


def expect_draft(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """It changes something."""
    if args["name"] in model.of("decisions"):
        return
    if model.facts[_which(args["rule"])] == _parts(args["value"]):
        raise No("no-change")
    model.of("decisions")[args["name"]] = {"rule": _which(args["rule"]), "value": _parts(args["value"]), "state": "draft", "votes": {}}


def expect_discuss(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Three days."""
    one = model.of("decisions")[args["name"]]
    if one["state"] == "draft":
        one["state"], one["opens"] = "discussion", now + DISCUSSION


def expect_cast(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """While voting is open."""
    one = model.of("decisions")[args["name"]]
    if one["state"] in ("draft", "discussion"):
        raise No("missing")  # nobody is in an electorate that was not frozen yet
    if one["state"] != "voting" or not one["opens"] <= now < one["closes"]:
        raise No("closed")
    one["votes"][args["who"]] = args["choice"]


EXPECT = {"draft": expect_draft, "discuss": expect_discuss, "cast": expect_cast}


def _special(votes: list[str], electors: int) -> bool:
    """A special resolution: half of all take part, and two thirds of those who say for or against are for it."""
    decided = votes.count("for") + votes.count("against")
    return len(votes) * 2 >= electors and decided > 0 and votes.count("for") * 3 >= decided * 2


def swept(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """It opens, it is counted, it is in force: a fifth has to vote, and more than half of those who say for or against."""
    for name, one in model.of("decisions").items():
        if one["state"] == "discussion" and one["opens"] <= now:
            one["state"], one["opens"], one["closes"] = "voting", now, told["decisions"][name]["closes"]  # it opens when the steward comes, not before
            one["electors"] = told["decisions"][name]["electors"]
        if one["state"] == "voting" and one["closes"] <= now:
            votes = list(one["votes"].values())
            passed = len(votes) >= Fraction(1, 5) * one["electors"] and votes.count("for") > votes.count("against")
            if one.get("special"):
                passed = _special(votes, one["electors"])
            one["state"], one["effect"] = ("passed" if passed else "rejected"), told["decisions"][name]["effect"]
        if one["state"] == "passed" and one["effect"] <= now:
            one["state"] = one["effect_of"](now) if "effect_of" in one else "in_force"
            if one["value"] is not None:
                model.facts[one["rule"]] = one["value"]
                model.of("in force since")[one["rule"]] = now
        seen = told["decisions"].get(name, {}).get("state", "draft")
        if seen != one["state"]:
            raise Wrong(f"{name} is {seen}, and should be {one['state']} ({one['votes']})")
    for rule, value in told["rules"].items():
        asked_before = now < model.of("in force since").get(rule, now)  # by a clock that is behind: what was in force then is not asked here
        if _parts(value) != model.facts[rule] and not asked_before:
            raise Wrong(f"{rule} in force is {value}, and should be {model.facts[rule]}")

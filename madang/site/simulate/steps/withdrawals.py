"""Members leave, and their shares come back as the Korean Act says: from the next year on, at what the balance sheet says, by a resolution, or lapsed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from madang.site.simulate import bank, paying
from madang.site.simulate.model import Model, No, Wrong
from madang.site.simulate.step import START, Step
from madang.site.simulate.steps import money, votes
from madang.site.simulate.steps.visits import _person
from madang.site.simulate.steps.yearend import MIDNIGHT

SEOUL = timedelta(hours=9)
DISCUSSION = timedelta(days=1)
NAME = "d29"
AGAIN = (30, 1_500, 1_600)
"""Minutes after the vote at which they are paid, and once more where the bank has sent it back."""
OURS = {"shares", "written-down", "legal-reserve", "voluntary-reserve", "surplus", "upkeep", "card-costs", "goodwill", "dispute-losses", "forfeited"}
"""Accounts of which nothing is owed to anybody: what the co-op has beyond its debts stands on them."""
LOCKED = ("legal-reserve", "")
MAKES: set[str] = set()


# -- drawn ------------------------------------------------------------------------------------------------------------------


def draw(dice: Random, days: int) -> list[Step]:
    """People join, buy, and leave before the year ends or after; they ask too early and in time; in some lives years go by in the end."""
    steps: list[Step] = []
    resolved = MIDNIGHT + timedelta(minutes=dice.randrange(200, 500))
    for number in range(max(2, days // 8)):
        who, at = f"n{number}", START + timedelta(days=dice.randrange(4), minutes=dice.randrange(780))
        steps.append(Step(at, "money.join", {"who": who}))
        steps += money._bought(dice, f"first-{who}", who, dice.choice((1, 1, 2)), at + timedelta(minutes=5))
        if dice.random() < 0.2:
            continue
        gone = at + timedelta(days=dice.choice((1, 2, 3, 5, 8)), minutes=50)
        steps.append(Step(gone, "withdrawals.leave", {"who": who}))
        steps.append(Step(gone + timedelta(days=dice.choice((1, 6))), "withdrawals.pay_claim", {"who": who, "by": "p2"}))
        if dice.random() < 0.5:
            steps.append(Step(gone + timedelta(days=dice.choice((2, 7))), "withdrawals.ask", {"who": who}))
        if dice.random() < 0.8:
            for minutes in AGAIN:
                then = resolved + timedelta(days=2, minutes=minutes + dice.randrange(200, 900))
                steps.append(Step(then, "withdrawals.pay_claim", {"who": who, "by": dice.choice(("p2",) * 9 + ("p4",))}))
    steps += _resolution(dice, resolved)
    last = START + timedelta(days=days)
    steps = [step for step in steps if step.at < last]
    if dice.random() < 0.25:
        steps.append(Step(datetime.combine(date(2029, 1, 3), last.timetz()), "world.sweep"))
    return steps


def _resolution(dice: Random, at: datetime) -> list[Step]:
    """The members are asked; a day to talk, a day to vote."""
    steps = [Step(at, "withdrawals.propose", {"name": NAME}), Step(at + timedelta(minutes=4), "withdrawals.discuss", {"name": NAME})]
    for who in votes.VOTERS:
        cast = at + DISCUSSION + timedelta(minutes=dice.randrange(700, 1_300))
        steps.append(Step(cast, "votes.cast", {"name": NAME, "who": who, "choice": dice.choice(("for",) * 7 + ("against",))}))
    return steps


def fill(model: Model, verb: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """Who came may leave; who left may ask; what was proposed is discussed."""
    if verb == "discuss":
        return args if NAME in model.of("decisions") else None
    if verb == "propose":
        return args
    return args if args["who"] in model.of("joined" if verb == "leave" else "claims") else None


# -- done -------------------------------------------------------------------------------------------------------------------


def leave(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A member goes."""
    from madang.coop.members import actions as members

    one = money._membership(names, args["who"])
    return {"state": members.leave(one, by=one.person, now=now).state}


def _claim(names: dict[str, str], who: str) -> Any:
    from madang.coop.capital.models import Claim

    return Claim.objects.get(membership=UUID(names[f"membership {who}"]))


def ask(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """And asks for the money: from then on the claim does not lapse."""
    from madang.coop.capital import withdrawals

    withdrawals.claim_it(_claim(names, args["who"]), by=_person(names, args["who"]), now=now)
    return {}


def pay_claim(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Whoever pays out sends it. What the bank sent back may be sent anew, so a repeat can be another payment: it says how many there were."""
    from madang.coop.capital import actions

    actions.pay_claim(_claim(names, args["who"]), by=_person(names, args["by"]), now=now)
    told = look(names)["claims"][args["who"]]
    return {"_failed": told["failed"], "_out": told["out"]}


def propose(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Those who left are to be paid back."""
    from madang.coop.decisions import actions

    actions.draft(_person(names, "p1"), "refund_to_leavers", "Paid back", "Because.", id=votes._proposal_id(args["name"]), now=now)
    return {}


def discuss(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """From here on the vote is on these claims, at this worth."""
    from madang.coop.capital.models import ValuationLine
    from madang.coop.decisions import actions

    one = votes._proposal(args["name"])
    actions.open_discussion(one, one.author, now=now)
    called = {ident: name.partition(" ")[2] for name, ident in names.items() if name.startswith("membership ")}
    rows = ValuationLine.objects.filter(valuation=one.pk)
    return {"lines": sorted((called[str(row.membership_id)], row.before, row.after) for row in rows)}


DO = {"leave": leave, "ask": ask, "pay_claim": pay_claim, "propose": propose, "discuss": discuss}


def look(names: dict[str, str]) -> dict[str, Any]:
    """How claims are: what is left of each, whether it is on its way or lapsed, and how often the bank did not take it."""
    from madang.coop.capital.models import Claim
    from madang.coop.payments.models import Payout

    called = {ident: name.partition(" ")[2] for name, ident in names.items() if name.startswith("membership ")}
    failed: dict[str, int] = {}
    for key in Payout.objects.filter(key__startswith="claim:", state="failed").values_list("key", flat=True):
        failed[key.split(":")[1]] = failed.get(key.split(":")[1], 0) + 1
    return {
        "claims": {
            called[str(one.membership_id)]: {
                "amount": one.amount, "failed": failed.get(str(one.pk), 0), "out": one.payout_id is not None, "lapsed": one.lapsed_at is not None,
            }
            for one in Claim.objects.all()
        }
    }  # fmt: skip


# -- expected ---------------------------------------------------------------------------------------------------------------


def expect_leave(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """The shares are a claim from the next year on, for two years (art. 26)."""
    who = args["who"]
    if who in model.of("left"):
        return
    model.of("left")[who] = True
    amount = model.balances["shares", who]
    if amount:
        due = date((now + SEOUL).year + 1, 1, 1)
        model.of("claims")[who] = {
            "due": due, "lapses": date(due.year + 2, 1, 1), "year": due.year - 1, "amount": amount, "par": amount, "asked": False, "resolved": False,
            "lapsed": False, "out": None, "failed": 0,
        }  # fmt: skip
        model.book(f"left:{who}", [(("shares", who), ("claims", who), amount)], now)


def _open(claim: dict[str, Any], now: datetime) -> None:
    """From its day on, and not once it is gone."""
    day = (now + SEOUL).date()
    if day < claim["due"]:
        raise No("too-early")
    if claim["lapsed"] or (not claim["asked"] and day >= claim["lapses"]):
        raise No("lapsed")


def expect_ask(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Whoever asks in time keeps it."""
    claim = model.of("claims")[args["who"]]
    if not claim["asked"] and claim["out"] is None:
        _open(claim, now)
        claim["asked"] = True


def expect_pay(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Not before its day, by whoever has that duty, and not before the members have decided on it (arts. 26, 29)."""
    claim = model.of("claims")[args["who"]]
    if claim["out"] is None:
        _open(claim, now)
        if args["by"] != "p2":
            raise No("office")
        if not claim["resolved"]:
            raise No("resolution")
        if not claim["amount"]:
            raise No("not-waiting")
    elif not told:
        return
    _sent(model, args["who"], told.get("_failed", 0), told.get("_out", False), now)


def _sent(model: Model, who: str, failed: int, out: bool, now: datetime, *, anew: bool = True) -> None:
    """What went to the bank, and what came back from there: as often as the program says, and only where the bank is one that does so."""
    claim = model.of("claims")[who]
    while claim["failed"] < failed:
        _go(model, who, now, anew)
        mood = bank.mood(claim["amount"])
        if mood not in ("declined", "returned") or (mood == "returned" and now < claim["out"] + timedelta(days=1)):
            raise Wrong(f"the payment of {who}'s claim failed at a bank that has it {mood}")
        claim["out"] = None
        claim["failed"] += 1
        model.faults["rail-returns"] += 1
        model.book(f"claim-back:{who}:{claim['failed']}", [(paying.BANK, ("claims", who), claim["amount"])], now)
    if out:
        _go(model, who, now, anew)
    elif claim["out"] is not None:
        raise Wrong(f"the claim of {who} was paid, and nothing is on its way")


def _go(model: Model, who: str, now: datetime, anew: bool) -> None:
    claim = model.of("claims")[who]
    if claim["out"] is not None:
        return
    if not anew:
        raise Wrong(f"the claim of {who} was paid, and nobody paid it")
    claim["out"] = now
    model.book(f"claim-out:{who}:{claim['failed']}", [(("claims", who), paying.BANK, claim["amount"])], now)


def _waiting(model: Model, now: datetime) -> list[str]:
    """Claims whose day has come and that nobody decided on yet."""
    day = (now + SEOUL).date()
    rows = model.of("claims").items()
    return [who for who, one in rows if not (one["resolved"] or one["lapsed"]) and one["due"] <= day and (one["asked"] or day < one["lapses"])]


def _worth(model: Model, par: int) -> int:
    """Its part of what the co-op had beyond its debts when 2026 ended; whose shares became claims in that year still counts as owner. At most par."""
    then = model.standing(MIDNIGHT)
    left = sum(one["par"] for one in model.of("claims").values() if one["year"] == 2026)
    had = sum(amount for (kind, owner), amount in then.items() if kind in OURS or (kind == "fund" and not owner)) + left
    paid_in = sum(amount for (kind, _owner), amount in then.items() if kind == "shares") + left
    return min(par, max(0, had - max(0, then.get(LOCKED, 0))) * par // paid_in)


def expect_propose(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Where somebody waits."""
    if args["name"] in model.of("decisions"):
        return
    if not _waiting(model, now):
        raise No("nobody")
    model.of("decisions")[args["name"]] = {"rule": "refund", "value": None, "state": "draft", "votes": {}, "special": True}


def expect_discuss(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """All who wait, each at what the balance sheet of their year says."""
    one = model.of("decisions")[args["name"]]
    if one["state"] != "draft":
        return
    must = sorted((who, model.of("claims")[who]["amount"], _worth(model, model.of("claims")[who]["amount"])) for who in _waiting(model, now))
    if told and told["lines"] != must:
        raise Wrong(f"the vote is on {told['lines']}, and the claims are {must}")
    one["state"], one["opens"], one["lines"] = "discussion", now + DISCUSSION, must


EXPECT = {"leave": expect_leave, "ask": expect_ask, "pay_claim": expect_pay, "propose": expect_propose, "discuss": expect_discuss}


def swept(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """What was voted for is what each claim is worth; what the bank sent back stands again; what nobody asked for in two years stays with the co-op."""
    one = model.of("decisions").get(NAME)
    if one and one["state"] == "in_force":
        _valued(model, one["lines"], now)
    for who, claim in model.of("claims").items():
        seen = told["claims"].get(who)
        if seen is None:
            raise Wrong(f"{who} left, and is owed nothing")
        _sent(model, who, seen["failed"], seen["out"], now, anew=False)
        if bank.mood(claim["amount"]) in ("declined", "returned") and claim["out"] and claim["out"] + timedelta(days=3) <= now and not interrupted:
            raise Wrong(f"the payment of {who}'s claim should have come back")
        if claim["amount"] and claim["out"] is None and not (claim["asked"] or claim["lapsed"]) and (now + SEOUL).date() >= claim["lapses"]:
            claim["lapsed"] = True
            model.book(f"lapsed:{who}", [(("claims", who), ("forfeited", ""), claim["amount"])], now)
        if (seen["amount"], seen["lapsed"]) != (claim["amount"], claim["lapsed"]):
            raise Wrong(f"the claim of {who} is {seen}, and should be {claim}")


def _valued(model: Model, lines: list[tuple[str, int, int]], now: datetime) -> None:
    for who, before, after in lines:
        claim = model.of("claims")[who]
        if not claim["resolved"] and not claim["lapsed"] and claim["amount"] == before:
            claim["resolved"], claim["amount"] = True, after
            model.book(f"valued:{who}", [(("claims", who), ("forfeited", ""), before - after)], now)

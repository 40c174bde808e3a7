"""What people earned is paid out; people join; shares are bought."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from madang.site.simulate import bank, paying
from madang.site.simulate.model import Model, Move, No, Wrong
from madang.site.simulate.step import START, Step
from madang.site.simulate.steps.visits import WORKERS, _person

PRICE = 10_000
HOLDERS = ("p1", "p2", "p3", "p4", "p5")
MAKES = {"join", "buy"}


# -- drawn ------------------------------------------------------------------------------------------------------------------


def draw(dice: Random, days: int) -> list[Step]:
    """A payout every few days, now and then shares, a newcomer, somebody who goes."""
    steps = []
    for number in range(days // 3):
        at = START + timedelta(days=dice.randrange(1, max(2, days)), minutes=dice.randrange(800))
        wish = {"name": f"out{number}", "who": dice.choice(list(WORKERS)), "percent": dice.choice((100, 100, 50, 33, 120))}
        wish["by"] = dice.choice(("p2",) * 9 + ("p4",))
        steps.append(Step(at, "money.pay_out", wish))
    for number in range(max(2, days // 8)):
        at = START + timedelta(days=dice.randrange(max(1, days - 2)), minutes=dice.randrange(780))
        name = f"s{number}"
        steps += _bought(dice, name, dice.choice(HOLDERS), dice.choice((1, 1, 2, 5)), at)
    return steps


def _bought(dice: Random, name: str, who: str, count: int, at: datetime) -> list[Step]:
    choice, counts = paying.draw(dice)
    buy = Step(at, "money.buy", {"name": name, "who": who, "count": count})
    return [buy, Step(at + timedelta(minutes=dice.choice((1, 6, 20, 40))), "money.pay", {"what": name, "choice": choice}, counts=counts)]


def fill(model: Model, verb: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """Amounts are of what the model says is there."""
    if "what" in args:
        return args if args["what"] in model.of("charges") else None
    if verb == "pay_out":
        if args["name"] in model.of("payouts"):
            return {**args, "amount": model.of("payouts")[args["name"]]["amount"]}
        amount = model.balances["payable", args["who"]] * args["percent"] // 100
        return {**args, "amount": amount} if amount > 0 else None
    if args["who"].startswith("n") and verb != "join" and args["who"] not in model.of("joined"):
        return None
    return args


# -- done -------------------------------------------------------------------------------------------------------------------


def pay_out(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Whoever pays out sends some of what someone earned."""
    from madang.coop.payments import actions

    made = actions.pay_out(f"person:{names['person ' + args['who']]}", args["amount"], "KRW", by=_person(names, args["by"]), key=args["name"], now=now)
    made.refresh_from_db()
    return {"amount": made.amount, "_state": made.state}


def _membership(names: dict[str, str], who: str) -> Any:
    from madang.coop.members.models import Membership

    return Membership.objects.select_related("member_class", "person").get(pk=names[f"membership {who}"])


def buy(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A member wants shares."""
    from madang.coop.capital import actions

    one = _membership(names, args["who"])
    charge = actions.buy_shares(one, args["count"], one.person, now=now)
    return {"names": {f"charge {args['name']}": str(charge.pk)}, "amount": charge.amount}


def join(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Somebody new comes, to a class that is open."""
    from madang.coop.members import actions as members
    from madang.coop.people import actions as people

    person = people.register(f"{args['who']}@example.org", f"Newcomer {args['who']}", language="en", time_zone="Asia/Seoul", confirmed=True, now=now)
    one = members.apply(person, "client", by=person, now=now)
    return {"names": {f"person {args['who']}": str(person.pk), f"membership {args['who']}": str(one.pk)}}


DO = {"pay_out": pay_out, "buy": buy, "join": join, "pay": paying.pay}


# -- expected ---------------------------------------------------------------------------------------------------------------


def expect_out(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """By whoever has that duty, and no more than is there."""
    if args["by"] != "p2":
        raise No("office")
    if args["name"] in model.of("payouts"):
        _come_back(model, args["name"], told.get("_state", "created"), now)
        return
    if model.balances["payable", args["who"]] < args["amount"]:
        raise No("not-enough")
    model.of("payouts")[args["name"]] = {"who": args["who"], "amount": args["amount"], "at": now, "back": False}
    model.book(f"payout:{args['name']}", [(("payable", args["who"]), paying.BANK, args["amount"])], now)
    _come_back(model, args["name"], told.get("_state", "created"), now)


def _come_back(model: Model, name: str, state: str, now: datetime) -> None:
    """What the bank refuses, or sends back a day later, stands to the payee's credit again: once."""
    one = model.of("payouts")[name]
    if one["back"] or state != "failed":
        return
    mood = bank.mood(one["amount"])
    if mood not in ("declined", "returned") or (mood == "returned" and now < one["at"] + timedelta(days=1)):
        raise Wrong(f"payout {name} failed at a bank that has it {mood}")
    one["back"] = True
    model.faults["rail-returns"] += 1
    model.book(f"payout-back:{name}", [(paying.BANK, ("payable", one["who"]), one["amount"])], now)


def _limit(model: Model, who: str) -> int:
    """A third less than a third of what all others hold, so that it is 30 % of all; nobody is kept from the first."""
    others = sum(amount for (kind, owner), amount in model.balances.items() if kind == "shares" and owner != who)
    return max(1, others * 3 // 7 // PRICE)


def expect_buy(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Within the 30 % of the law."""
    if args["who"] in model.of("left"):
        raise No("not-admitted")
    if model.balances["shares", args["who"]] // PRICE + args["count"] > _limit(model, args["who"]):
        raise No("limit")
    if args["name"] in model.of("charges"):
        return
    paying.asked(model, args["name"], "shares", args["who"], args["count"] * PRICE, now + paying.OPEN_FOR)


def _capital(model: Model, what: str, now: datetime) -> list[Move] | None:
    charge = model.of("charges")[what]
    who = charge["payer"]
    if who in model.of("left") or (model.balances["shares", who] + charge["amount"]) // PRICE > _limit(model, who):
        return None
    model.of("members")[who] = True
    return [(paying.BANK, ("shares", who), charge["amount"])]


paying.takes["shares"] = _capital
paying.lost["shares"] = lambda model, what, now: None


def expect_join(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Admitted at once."""
    model.of("joined")[args["who"]] = True


EXPECT = {"pay_out": expect_out, "buy": expect_buy, "join": expect_join, "pay": paying.paid}


def swept(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """Payouts that came back."""
    for name, one in model.of("payouts").items():
        _come_back(model, name, told["payouts"].get(name, "nowhere"), now)
        if not one["back"] and bank.mood(one["amount"]) in ("declined", "returned") and one["at"] + timedelta(days=3) <= now and not interrupted:
            raise Wrong(f"payout {name} should have come back, and is {told['payouts'].get(name, 'nowhere')}")

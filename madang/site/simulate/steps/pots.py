"""The ledger by itself: posts, linked posts, promises made, kept in part, taken back, expired; limits; entries taken back; keys used twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from madang.site.simulate.model import Model, Move, No
from madang.site.simulate.step import START, Step

POTS = {"source": (False, None), "a": (True, None), "b": (True, 60_000), "c": (True, None)}
"""Pots of money: (may not go below zero, may not hold more than)."""
MAKES: set[str] = set()


# -- drawn ------------------------------------------------------------------------------------------------------------------


def draw(dice: Random, days: int) -> list[Step]:
    """About two a day."""
    steps = []
    for number in range(days * 2):
        at = START + timedelta(days=dice.randrange(max(1, days - 1)), minutes=dice.randrange(840))
        steps += _one(dice, f"e{number}", at)
    return steps


def _move(dice: Random) -> dict[str, Any]:
    out, into = dice.sample(list(POTS), 2) if dice.random() < 0.6 else ("source", dice.choice(("a", "b", "c")))
    return {"out": out, "into": into, "amount": dice.choice((1, 7, 500, 12_345, 50_000))}


def _one(dice: Random, name: str, at: datetime) -> list[Step]:
    move = {"name": name, **_move(dice)}
    what = dice.choices(("post", "linked", "pend", "bad"), (40, 15, 35, 10))[0]
    if what == "linked":
        return [Step(at, "pots.linked", {"name": name, "moves": [_move(dice) for _each in range(dice.randint(2, 4))]})]
    if what == "bad":
        worse = dice.choice(({"amount": 0}, {"amount": -5}, {"amount": 10**18}, {"into": move["out"]}))
        return [Step(at, "pots.post", move | worse)]
    if what == "post":
        steps = [Step(at, "pots.post", move)]
        if dice.random() < 0.3:
            steps.append(Step(at + timedelta(minutes=dice.randrange(1, 3_000)), "pots.reverse", {"name": name}))
        if dice.random() < 0.2:
            steps.append(Step(at + timedelta(minutes=dice.randrange(1, 300)), "pots.post", move | {"amount": move["amount"] + 1}))
        return steps
    steps = [Step(at, "pots.pend", move | {"hours": dice.choice((0, 5, 30))})]
    for part in range(dice.randint(0, 3)):
        later = at + timedelta(minutes=dice.randrange(1, 2_500))
        if dice.random() < 0.3:
            steps.append(Step(later, "pots.void", {"name": name}))
        else:
            wish = {"name": name, "part": part, "amount": dice.choice((0, 1, move["amount"] // 2 + 1)), "keep": dice.random() < 0.5}
            steps.append(Step(later, "pots.keep", wish))
    return steps


def fill(model: Model, verb: str, args: dict[str, Any]) -> dict[str, Any] | None:
    """What was never booked cannot be taken back."""
    there = {"reverse": model.of("posted"), "void": model.of("promises"), "keep": model.of("promises")}
    return args if verb not in there or args["name"] in there[verb] else None


# -- done -------------------------------------------------------------------------------------------------------------------


def account(name: str) -> Any:
    """A pot."""
    from madang.coop import ledger

    floored, cap = POTS[name]
    return ledger.account("fund", f"pot:{name}", "KRW", floored=floored, cap=cap)


def _made(args: dict[str, Any]) -> Any:
    from madang.coop import ledger

    return ledger.Move(account(args["out"]), account(args["into"]), args["amount"], "fund")


def post(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """One transfer under a key of the caller's."""
    from madang.coop import ledger

    entry = ledger.post("fund", [_made(args)], key=f"pot:{args['name']}", subject=f"pot:{args['name']}", now=now)
    return {"names": {f"entry {args['name']}": str(entry.pk)}}


def linked(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Several entries: all or none."""
    from madang.coop import ledger
    from madang.coop.ledger.booking import Posting

    wanted = [Posting("fund", [_made(move)], f"pot:{args['name']}:{number}", "pot:linked") for number, move in enumerate(args["moves"])]
    return {"count": len(ledger.post_linked(wanted, now=now))}


def pend(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A promise."""
    from madang.coop.ledger import pendings

    until = now + timedelta(hours=args["hours"]) if args["hours"] else None
    made = pendings.pend(_made(args), key=f"promise:{args['name']}", now=now, expires_at=until)
    return {"names": {f"promise {args['name']}": str(made.pk)}}


def keep(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """It is kept, whole (0) or in part."""
    from madang.coop.ledger import pendings
    from madang.coop.ledger.models import Pending

    there = Pending.objects.get(pk=names[f"promise {args['name']}"])
    entry = pendings.post_pending(there, key=f"kept:{args['name']}:{args['part']}", now=now, amount=args["amount"] or None, keep_rest=args["keep"])
    return {"amount": sum(one.amount for one in entry.transfers.all())}


def void(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """It is taken back."""
    from madang.coop.ledger import pendings
    from madang.coop.ledger.models import Pending

    return {"state": pendings.void(Pending.objects.get(pk=names[f"promise {args['name']}"]), now=now).state}


def reverse(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """An entry is taken back by a new one."""
    from madang.coop.ledger import undo
    from madang.coop.ledger.models import Entry

    undo.reverse(Entry.objects.get(pk=names[f"entry {args['name']}"]), key=f"back:{args['name']}", now=now, reason="simulated")
    return {}


DO = {"post": post, "linked": linked, "pend": pend, "keep": keep, "void": void, "reverse": reverse}


# -- expected ---------------------------------------------------------------------------------------------------------------


def _place(name: str) -> tuple[str, str]:
    return ("fund", name)


def _fits(args: dict[str, Any]) -> None:
    if not 0 < args["amount"] <= 10**15:
        raise No("amount")
    if args["out"] == args["into"]:
        raise No("account")


def _promised(model: Model, name: str, side: str) -> int:
    return sum(one["left"] for one in model.of("promises").values() if one["open"] and one[side] == name)


def _room(model: Model, moves: list[dict[str, Any]], releasing: int = 0) -> None:
    """The limits, looked at when all are in. ``releasing``: that much of a promise becomes a transfer."""
    change: dict[str, int] = {}
    for move in moves:
        change[move["out"]] = change.get(move["out"], 0) - move["amount"]
        change[move["into"]] = change.get(move["into"], 0) + move["amount"]
    broken = set()
    for name, by in change.items():
        floored, cap = POTS[name]
        stands = model.balances[_place(name)] + by
        outgoing, coming = _promised(model, name, "out"), _promised(model, name, "into")
        if releasing:
            outgoing -= releasing if name == moves[0]["out"] else 0
            coming -= releasing if name == moves[0]["into"] else 0
        if floored and by < 0 and stands - outgoing < 0:
            broken.add("not-enough")
        if cap is not None and by > 0 and stands + coming > cap:
            broken.add("too-much")
    if broken:
        raise No(*sorted(broken))


def expect_post(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Within the limits; under a key that says the same."""
    _fits(args)
    said = (args["out"], args["into"], args["amount"])
    if args["name"] in model.of("posted"):
        if model.of("posted")[args["name"]] != said:
            raise No("key-used")
        return
    _room(model, [args])
    model.of("posted")[args["name"]] = said
    model.book(f"pot:{args['name']}", [(_place(args["out"]), _place(args["into"]), args["amount"])], now)


def expect_linked(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """All or none."""
    if args["name"] in model.of("linked"):
        return
    _room(model, args["moves"])
    model.of("linked")[args["name"]] = True
    moves: list[Move] = [(_place(one["out"]), _place(one["into"]), one["amount"]) for one in args["moves"]]
    model.book(f"pot:{args['name']}", moves, now)


def expect_pend(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """It counts against the limits from now on."""
    until = now + timedelta(hours=args["hours"]) if args["hours"] else None
    if args["name"] in model.of("promises"):
        if model.of("promises")[args["name"]]["until"] != until:
            raise No("key-used")
        return
    _room(model, [args])
    model.of("promises")[args["name"]] = {
        "out": args["out"], "into": args["into"], "left": args["amount"], "open": True, "until": until, "kept": {}, "state": "pending",
    }  # fmt: skip


def expect_keep(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """What is left, or less."""
    one = model.of("promises")[args["name"]]
    if args["part"] in one["kept"]:
        return
    if not one["open"]:
        raise No("pending-done")
    if one["until"] is not None and one["until"] <= now:
        raise No("late")
    amount = args["amount"] or one["left"]
    if amount > one["left"]:
        raise No("pending-less")
    move = {"out": one["out"], "into": one["into"], "amount": amount}
    _room(model, [move], releasing=amount)
    model.book(f"kept:{args['name']}:{args['part']}", [(_place(one["out"]), _place(one["into"]), amount)], now)
    one["kept"][args["part"]] = amount
    one["left"] -= amount
    if not one["left"] or not args["keep"]:
        one["open"], one["state"] = False, "posted"


def expect_void(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """What is left counts no more."""
    one = model.of("promises")[args["name"]]
    if one["state"] == "posted":
        raise No("pending-done")
    if one["open"]:
        one["open"], one["state"] = False, "voided"


def expect_reverse(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Once, and within the limits."""
    if args["name"] in model.of("reversed"):
        return
    out, into, amount = model.of("posted")[args["name"]]
    _room(model, [{"out": into, "into": out, "amount": amount}])
    model.of("reversed")[args["name"]] = True
    model.book(f"back:{args['name']}", [(_place(into), _place(out), amount)], now)


EXPECT = {"post": expect_post, "linked": expect_linked, "pend": expect_pend, "keep": expect_keep, "void": expect_void, "reverse": expect_reverse}


def swept(model: Model, now: datetime, told: dict[str, Any], interrupted: bool) -> None:
    """Promises whose time is over."""
    for one in model.of("promises").values():
        if one["open"] and one["until"] is not None and one["until"] <= now:
            one["open"], one["state"] = False, "expired"

"""How something is paid at the pretend bank, and what the model thinks of it: for every kind of step that asks for money."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from madang.site.simulate.model import Model, Move, No

BANK = ("clearing", "sandbox")
COSTS = ("card-costs", "")
SLOW, QUIET, OPEN_FOR = timedelta(minutes=2), timedelta(minutes=3), timedelta(minutes=30)
CHOICES = {"approve": 60, "twice": 10, "slow": 8, "lost": 8, "decline": 5, "insufficient": 3}
WRONG = {"twice": "rail-twice", "slow": "rail-late", "lost": "rail-silent", "decline": "rail-declines", "insufficient": "rail-declines"}

takes: dict[str, Callable[[Model, str, datetime], list[Move] | None]] = {}
"""By kind of charge: where the money goes that came in; None when it is no longer wanted and goes back."""
lost: dict[str, Callable[[Model, str, datetime], None]] = {}
"""By kind of charge: its time is over."""


def draw(dice: Random) -> tuple[str, tuple[str, ...]]:
    """What the person chooses at the bank, and the fault that is."""
    choice = dice.choices(list(CHOICES), list(CHOICES.values()))[0]
    return choice, (WRONG[choice],) if choice in WRONG else ()


# -- done -------------------------------------------------------------------------------------------------------------------


def pay(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Go to the pretend bank, choose, come back. What is paid already is not paid again."""
    from madang.coop.payments import sandbox
    from madang.coop.payments.models import Charge
    from madang.kit.errors import Refused

    charge = Charge.objects.get(pk=names[f"charge {args['what']}"])
    if charge.entry_id is None:
        try:
            sandbox.pay(charge, now=now, answer=args["choice"])
        except Refused:
            charge.refresh_from_db()
            if charge.entry_id is None:
                raise  # else somebody was faster, and it is paid
    charge.refresh_from_db()
    return {"_booked": charge.entry_id is not None}


def lie(names: dict[str, str], args: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A message of the rail, rightly signed or not, that says more was paid than was asked for."""
    from madang.coop.payments import actions, sandbox
    from madang.coop.payments.models import Charge
    from madang.rails.payments import BadSignature
    from madang.rails.payments.sandbox import HEADER

    charge, bank = Charge.objects.get(pk=names[f"charge {args['what']}"]), sandbox.rail()
    answer = {"ref": charge.ref or "sb_nobody", "state": "paid", "amount": charge.amount + args["more"], "unit": charge.unit, "fee": 0, "reason": ""}
    event = {"id": f"lie-{args['what']}-{args['more']}", "kind": "payment.paid", "ref": answer["ref"], "answer": answer}
    body, stamp = json.dumps(event).encode(), str(int(now.timestamp()))
    signature = bank._sign(stamp, body) if args["signed"] else "0" * 64
    try:
        actions.receive_webhook(bank.name, {HEADER: f"t={stamp},v1={signature}"}, body, now=now)
    except BadSignature:
        return {"taken": False}
    return {"taken": True}


# -- expected ---------------------------------------------------------------------------------------------------------------


def asked(model: Model, what: str, kind: str, payer: str, amount: int, until: datetime) -> None:
    """Somebody was asked to pay: just now."""
    model.of("charges")[what] = {
        "kind": kind, "payer": payer, "amount": amount, "until": until, "open": True, "booked": False, "bank": "",
        "disputed": False, "sent_back": 0, "unsent": [], "paid": None, "asked": model.facts["now"],
    }  # fmt: skip


def fee(amount: int) -> int:
    """2.9 %, half up."""
    return (amount * 290 + 5_000) // 10_000


def paid(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """What becomes of a visit to the bank."""
    what, choice = args["what"], args["choice"]
    charge = model.of("charges")[what]
    if charge["booked"]:
        return
    if not charge["open"] or charge["until"] <= now:
        raise No("charge-over")
    if charge["bank"]:
        if charge["bank"] == "slow" and charge["at"] <= now:
            settle(model, what, now)
    elif choice in ("approve", "twice") and now < charge["asked"] and not told.get("_booked", True):
        charge["bank"], charge["at"] = "kept", now  # a clock before its own question: the message is stored, and booked by the next sweep
    elif choice in ("approve", "twice"):
        settle(model, what, now)
    elif choice in ("slow", "lost"):
        charge["bank"], charge["at"] = choice, now + (SLOW if choice == "slow" else QUIET)


def lied(model: Model, args: dict[str, Any], now: datetime, told: dict[str, Any]) -> None:
    """Nothing comes of a lie; a forged one is not even kept."""
    if told and told["taken"] != args["signed"]:
        raise No("signature")


def settle(model: Model, what: str, now: datetime) -> None:
    """The money came: where it is wanted, or back."""
    charge = model.of("charges")[what]
    wanted = takes[charge["kind"]](model, what, now) if charge["open"] else None
    charge["booked"], charge["open"], charge["paid"] = True, False, now
    costs = fee(charge["amount"])
    moves = wanted if wanted is not None else [(BANK, ("refunds", what), charge["amount"])]
    model.book(f"charge:{what}", [*moves, (COSTS, BANK, costs)], now)
    if wanted is None:
        send_back(model, what, charge["amount"], now, f"late:{what}")


def send_back(model: Model, what: str, amount: int, now: datetime, key: str) -> None:
    """What was put aside goes back through the rail; what the payer's bank took already the rail does not send."""
    charge = model.of("charges")[what]
    if amount and charge["disputed"]:
        charge["unsent"].append(amount)
    elif amount:
        charge["sent_back"] += amount
        model.book(key, [(("refunds", what), BANK, amount)], now)


def swept(model: Model, now: datetime) -> None:
    """What the steward learns of open charges."""
    for what, charge in model.of("charges").items():
        if charge["booked"]:
            continue
        if charge["bank"]:
            if charge["at"] <= now:
                settle(model, what, now)
        elif charge["open"] and charge["until"] <= now:
            charge["open"] = False
            lost[charge["kind"]](model, what, now)

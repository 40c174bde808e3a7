"""The books held against the model, against themselves, and shown to three other programs. What is wrong is a sentence that says which judge found it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from madang.site.simulate import accountants
from madang.site.simulate.model import Account, Model
from madang.site.simulate.steps import offers, visits

Ask = Callable[..., dict[str, Any]]
"""``ask(verb, **args)``: a question about the world, to a worker."""


def called(names: dict[str, str]) -> Callable[[str], str]:
    """From an owner as the program writes it ("person:<id>") to the plan's name ("p3")."""
    known = {(name.partition(" ")[0], ident): name.partition(" ")[2] for name, ident in names.items()}

    def call(owner: str) -> str:
        kind, _colon, ident = owner.partition(":")
        return known.get((kind, ident), owner) if owner else ""

    return call


def balances(told: dict[str, Any], names: dict[str, str]) -> dict[Account, int]:
    """What stands on each account, counted from the transfers."""
    call, found = called(names), Counter[Account]()
    for debit, whose, credit, into, amount, _kind in told["moved"]:
        found[debit, call(whose)] -= amount
        found[credit, call(into)] += amount
    return {account: amount for account, amount in found.items() if amount}


def digest(told: dict[str, Any], names: dict[str, str]) -> str:
    """The books in 64 letters: every transfer by the plan's names, in no order. The same seed has the same."""
    call = called(names)
    rows = sorted([debit, call(whose), credit, call(into), amount, kind] for debit, whose, credit, into, amount, kind in told["moved"])
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def books(model: Model, told: dict[str, Any], names: dict[str, str]) -> list[str]:
    """Zero in sum; the kept balances are the sums; each account as the model has it; each promise and each hold as it must be."""
    counted, wrong, call = balances(told, names), [], called(names)
    if total := sum(counted.values()):
        wrong.append(f"sum: all accounts together come to {total}")
    if {(kind, call(owner)): amount for (kind, owner), amount in told["kept"].items()} != counted:
        wrong.append("sums: the kept balances are not the sums of the transfers")
    expected = model.standing()
    for account in sorted(expected.keys() | counted.keys()):
        if expected.get(account, 0) != counted.get(account, 0):
            wrong.append(f"model: {' '.join(account)} has {counted.get(account, 0)}, and must have {expected.get(account, 0)}")
    for name, one in model.of("promises").items():
        must = (one["state"], one["left"] if one["open"] else 0)
        if told["promises"].get(f"promise:{name}") != must:
            wrong.append(f"promises: {name} is {told['promises'].get(f'promise:{name}')}, and must be {must}")
    return wrong + _visits(model, told, call) + _applications(model, told, call)


def _visits(model: Model, told: dict[str, Any], call: Callable[[str], str]) -> list[str]:
    """Each visit that was paid for in time is held, or over: exactly one of the two, once."""
    found = Counter((call(subject), state) for subject, state, _amount in told["holds"])
    wrong = []
    for name, job in model.of("jobs").items():
        if f"over:{name}" in model.keys:
            must = {"refunded"} if job["state"] in ("unfilled", "cancelled") else {"released"}
            must |= {"released"} if job["state"] == "cancelled" else set()
        else:
            must = {"held"} if job["state"] not in ("held", "lapsed") else set()
        has = {state for (who, state), count in found.items() if who == name for _one in range(count)}
        if len([1 for (who, _state) in found if who == name]) > 1 or (has and not has <= must) or (must and not has):
            wrong.append(f"holds: {name} ({job['state']}) has {sorted(has)}, and must have one of {sorted(must)}")
    if strays := sorted(who for who, _state in found if who not in model.of("jobs") and who not in model.of("applications")):
        wrong.append(f"holds: for nobody: {strays}")
    return wrong


def _applications(model: Model, told: dict[str, Any], call: Callable[[str], str]) -> list[str]:
    """The money of each application in a share offer: held while it waits, then shares or on its way back, once."""
    found = [(call(subject), state) for subject, state, _amount in told["holds"]]
    return [
        f"holds: {name} has {[state for who, state in found if who == name]}, and must have {sorted(must)}"
        for name, must in offers.holds(model).items()
        if [state for who, state in found if who == name] != sorted(must)
    ]


def program(ask: Ask, folder: Path, model: Model) -> list[str]:
    """``madang check`` and ``madang verify``. What the rail still lies about they have to name, each once."""
    found = ask("world.check", folder=str(folder))["wrong"]
    named = [one for one in found if one.startswith("payments: services hold what the books say")]
    lies = [what for what, one in model.of("lies").items() if not one["how"]]
    said = [f"check: {one}" for one in found if one not in named or len(named) != len(lies)]
    return said + ([f"check: names {named}, and the rail lies about {lies}"] if len(named) != len(lies) else [])


def foreign(ask: Ask, folder: Path, dates: list[tuple[date | None, dict[Account, int]]], names: dict[str, str], pick: int) -> list[str]:
    """The books as three programs read them: each accepts them, has the model's figure on every account at each of these days, refuses them one won off.

    ``pick``: which posting is the one that is changed; with an even one its other side is, too, so that only the balances written into the books can tell.
    """
    wrong: list[str] = []
    for tool in accountants.here():
        file, off = folder / f"books.{tool}", folder / f"off.{tool}"
        said = ask("world.journal", format=tool, file=str(file), until=None)["accounts"]
        if no := accountants.accepts(tool, file):
            wrong.append(f"{tool}: {no[:2000]}")
            continue
        wrong += [sentence for day, expected in dates for sentence in _differs(tool, file, day, expected, said, called(names))]
        off.write_text(accountants.one_off(file.read_text(encoding="utf-8"), pick, both=pick % 2 == 0), encoding="utf-8")
        if not accountants.accepts(tool, off):
            wrong.append(f"{tool}: accepts the books with one won changed ({off.name}, pick {pick})")
    return wrong


def _differs(tool: str, file: Path, day: date | None, expected: dict[Account, int], said: dict[str, tuple[str, str]], call: Callable[[str], str]) -> list[str]:
    """Each account whose figure is not the model's."""
    found: Counter[Account] = Counter()
    for (account, _unit), amount in accountants.balances(tool, file, day, ["KRW"]).items():
        kind, owner = said[account]
        found[kind, call(owner)] -= amount
    accounts = sorted(found.keys() | expected.keys())
    return [
        f"{tool}: at the end of {day or 'everything'} {' '.join(one)} has {found[one]}, and must have {expected.get(one, 0)}"
        for one in accounts
        if found[one] != expected.get(one, 0)
    ]


def quiet(model: Model, now: datetime) -> list[str]:
    """In the end nothing that should be over is open."""
    return [f"visits: {name} is still {job['state']}" for name, job in model.of("jobs").items() if job["state"] == "offered" and job["start"] < now]


__all__ = ["balances", "books", "called", "digest", "foreign", "program", "quiet", "visits"]

"""Coins and finer units of one currency: money that is earned in millionths comes in, and leaves, in coins.

Between "EUR" and "EUR.6" stand two accounts of the kind *finer*, one in each unit: what one has taken in coins, the other has given in millionths.
Nothing is rounded: only whole coins pass, what is less than a coin stays where it is.
"""

from __future__ import annotations

from madang.coop.ledger import actions
from madang.coop.ledger.models import Account
from madang.coop.ledger.moves import Move, Part
from madang.coop.ledger.unfit import Unfit
from madang.kit.units import unit

KIND = "finer"


def between(coins: str, fine: str) -> tuple[Account, Account]:
    """The pair of accounts between a currency's coins and its finer unit: (in coins, in the finer unit). Raises :class:`Unfit` for other pairs."""
    one, other = unit(coins), unit(fine)
    if one.currency != other.currency or one.scale >= other.scale:
        raise Unfit("unit", f"{fine} is not finer than {coins}")
    owner = f"pair:{coins}-{fine}"
    return actions.account(KIND, owner, coins), actions.account(KIND, owner, fine)


def taken(amount: int, coins: str, fine: str, target: Account) -> tuple[Part, Move]:
    """``amount`` coins that come in, as the part of a payment they are, and the move that puts as much into ``target`` (of the finer unit)."""
    there, here = between(coins, fine)
    whole = amount * unit(fine).one // unit(coins).one
    note = {"gave": [amount, coins], "got": [whole, fine]}
    return Part(there, amount, KIND, None, note), Move(here, target, whole, KIND, None, note)


def given(amount: int, source: Account, target: Account) -> list[Move]:
    """``amount`` coins out of ``source`` (of a finer unit) into ``target`` (in coins): two moves. Raises :class:`Unfit` as :func:`between`."""
    there, here = between(target.unit, source.unit)
    whole = amount * unit(source.unit).one // unit(target.unit).one
    note = {"gave": [whole, source.unit], "got": [amount, target.unit]}
    return [Move(source, here, whole, KIND, None, note), Move(there, target, amount, KIND, None, note)]


def whole(amount: int, fine: str, coins: str) -> int:
    """How many whole coins there are in ``amount`` of a finer unit (≥ 0)."""
    return amount * unit(coins).one // unit(fine).one

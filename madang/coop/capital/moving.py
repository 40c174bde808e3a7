"""How shares move in the books: so many of a membership's, with their part of what losses took."""

from __future__ import annotations

from madang.coop import ledger
from madang.coop.capital import queries
from madang.coop.ledger.models import Account
from madang.coop.ledger.moves import Move
from madang.coop.members.models import Membership


def lost_part(held: queries.Holding, count: int) -> int:
    """What losses took of ``count`` of the shares held, rounded up: who goes bears the left-over unit, who stays does not."""
    return -(-held.lost * count // held.count) if held.count else 0


def value(held: queries.Holding, count: int, price: int) -> int:
    """What ``count`` of the shares held stand at, in the smallest unit."""
    return count * price - lost_part(held, count)


def place(kind: str, membership: Membership, unit: str) -> Account:
    """The account of a membership: ``shares`` (what was paid in), ``written-down`` (what losses took, as minus), ``claims``."""
    return ledger.account(kind, ledger.owner_of(membership), unit)


def out(membership: Membership, held: queries.Holding, count: int, into: Account, kind: str) -> list[Move]:
    """``count`` shares leave the membership: what they stand at goes to ``into``, what losses took of them is closed with them.

    Raises ``ValueError`` for more shares than are held.
    """
    price = membership.member_class.share_price
    if not 0 < count <= held.count:
        raise ValueError("nobody gives more shares than they hold")
    shares, lost = place("shares", membership, held.unit), lost_part(held, count)
    moves = [Move(shares, into, count * price - lost, kind, note={"count": count, "price": price})] if count * price > lost else []
    if lost:
        moves.append(Move(shares, place("written-down", membership, held.unit), lost, "written-off", note={"count": count, "price": price}))
    return moves


def over(giver: Membership, held: queries.Holding, count: int, taker: Membership, kind: str) -> list[Move]:
    """``count`` shares pass to another membership at the price of both, and their part of what losses took goes with them."""
    price, lost = giver.member_class.share_price, lost_part(held, count)
    if not 0 < count <= held.count:
        raise ValueError("nobody gives more shares than they hold")
    note = {"count": count, "price": price}
    moves = [Move(place("shares", giver, held.unit), place("shares", taker, held.unit), count * price, kind, note=note)]
    if lost:
        moves.append(Move(place("written-down", taker, held.unit), place("written-down", giver, held.unit), lost, "losses-passed", note=note))
    return moves

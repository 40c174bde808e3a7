"""What a payment service says and what the books say, side by side: each difference by its name. Pure arithmetic, no database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

MISSING_HERE, MISSING_THERE, AMOUNT, FEE, STATE, DOUBLE, TRANSIT, SUM, REST = (
    "missing-here", "missing-there", "amount", "fee", "state", "double", "transit", "sum", "rest",
)  # fmt: skip
KINDS = (MISSING_HERE, MISSING_THERE, AMOUNT, FEE, STATE, DOUBLE, TRANSIT, SUM, REST)
"""``missing-here``: they have it, the books do not; ``missing-there``: the other way round; ``amount``, ``fee``: both have it with another figure;
``state``: one of them has gone a step further (a payout came back, a payer's bank took a payment back); ``double``: they have it twice;
``transit``: only a matter of time; ``sum``: their lines do not lead to the balance they state; ``rest``: what no item explains."""


@dataclass(frozen=True)
class Leg:
    """One booking of one thing (``payment:<ref>``, ``refund:<ref>``, ``payout:<ref>`` …), on either side.

    ``amount`` in the smallest unit, plus when money came to the service, minus when it left; ``fee`` is what the service kept of it.
    """

    thing: str
    step: str
    amount: int
    fee: int
    at: datetime


@dataclass(frozen=True)
class Gap:
    """One difference, by the end of the day that is looked at."""

    thing: str
    kind: str
    theirs: int
    their_fee: int
    ours: int
    our_fee: int

    @property
    def net(self) -> int:
        """How much more they hold than the books say, in the smallest unit (minus: less)."""
        return (self.theirs - self.their_fee) - (self.ours - self.our_fee)


def compare(theirs: Iterable[Leg], ours: Iterable[Leg], until: datetime, on_the_way: Collection[str] = ()) -> list[Gap]:
    """Every thing whose legs before ``until`` do not agree, by name of the thing. Legs of later tell what is only late.

    ``on_the_way``: things that wait for an answer of the service; that they are missing there is no fault yet.
    """
    there, here = _by_thing(theirs), _by_thing(ours)
    found = []
    for thing in sorted(there.keys() | here.keys()):
        then, now = (_sums(_before(side.get(thing, []), until)) for side in (there, here))
        if then != now:
            kind = _kind(there.get(thing, []), here.get(thing, []), thing in on_the_way)
            found.append(Gap(thing, kind, *then, *now))
    return found


def _by_thing(legs: Iterable[Leg]) -> dict[str, list[Leg]]:
    found: dict[str, list[Leg]] = defaultdict(list)
    for leg in legs:
        found[leg.thing].append(leg)
    return found


def _before(legs: Iterable[Leg], until: datetime) -> list[Leg]:
    return [leg for leg in legs if leg.at < until]


def _sums(legs: Iterable[Leg]) -> tuple[int, int]:
    amount = fee = 0
    for leg in legs:
        amount, fee = amount + leg.amount, fee + leg.fee
    return amount, fee


def _kind(there: list[Leg], here: list[Leg], on_the_way: bool) -> str:
    """What to call it, by all that both sides know by now."""
    (their_sum, their_fee), (our_sum, our_fee) = _sums(there), _sums(here)
    if (their_sum, their_fee) == (our_sum, our_fee):
        return TRANSIT
    if not any(leg.amount or leg.fee for leg in there):
        return TRANSIT if on_the_way else MISSING_THERE
    if not here:
        return TRANSIT if on_the_way else MISSING_HERE
    if their_sum == our_sum:
        return FEE
    their_steps, our_steps = Counter(leg.step for leg in there if leg.amount), Counter(leg.step for leg in here if leg.amount)
    extra = their_steps - our_steps
    if extra and not extra.keys() - our_steps.keys() and not our_steps - their_steps:
        return DOUBLE
    if (extra or our_steps - their_steps) and _same(there, here, set(their_steps) & set(our_steps)):
        return STATE
    return AMOUNT


def _same(there: list[Leg], here: list[Leg], steps: set[str]) -> bool:
    """Whether both agree on the steps both have taken."""
    return sum(leg.amount for leg in there if leg.step in steps) == sum(leg.amount for leg in here if leg.step in steps)

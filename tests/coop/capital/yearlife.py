"""A year of a small co-op: shares paid, work paid and shared, card costs; and how its use is decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from madang.coop import ledger
from madang.coop.capital.actions import buy_shares
from madang.coop.decisions import actions as decisions
from madang.coop.members.models import Membership
from madang.coop.payments import sandbox
from madang.coop.people.models import Person

FEBRUARY = datetime(2027, 2, 1, tzinfo=UTC)
GROUPS = {"worker": {"parts": 3, "measure": "earned"}, "client": {"parts": 1, "measure": "spent"}}
WISH = {"year": 2026, "legal": "10%", "voluntary": "20%", "patronage": "50%", "capital": "5%", "groups": GROUPS}


def person(number: int) -> Person:
    """Founder f1 … f5: three workers, two clients."""
    return Person.objects.get(email=f"f{number}@example.org")


def membership(number: int) -> Membership:
    """The founder's membership (where they have two, the one they vote in)."""
    return Membership.objects.select_related("member_class", "person").get(person=person(number), primary=True)


def shares(now: datetime) -> None:
    """Each of the five pays one share of 10,000 won."""
    for number in range(1, 6):
        one = membership(number)
        sandbox.pay(buy_shares(one, 1, one.person, now=now), now=now)


def work(number: int, worker: int, client: int, price: int, at: datetime) -> None:
    """A job paid by a client and done by a worker: nine tenths to the worker, one to upkeep."""
    payer, subject = ledger.owner_of(person(client)), f"work:{number}"
    bank, costs = ledger.accounts([("clearing", "rail:sandbox"), ("card-costs", "")], "KRW")
    held = ledger.hold(subject, price, "KRW", payer=payer, key=f"{subject}:hold", now=at, source=bank)
    place, upkeep = ledger.accounts([("payable", ledger.owner_of(person(worker))), ("upkeep", "")], "KRW")
    parts = [ledger.Part(place, price - price // 10, "worker"), ledger.Part(upkeep, price // 10, "upkeep")]
    ledger.release(held, parts, key=f"{subject}:release", now=at)
    ledger.post("card-cost", [ledger.Move(costs, bank, price // 100, "card-cost")], key=f"{subject}:card", subject=subject, now=at)


def lived(now: datetime) -> None:
    """Shares, and three jobs in 2026: 900,000 won; upkeep 90,000 less card costs 9,000 leaves 81,000."""
    shares(now)
    work(1, 1, 4, 500_000, now + timedelta(days=10))
    work(2, 1, 5, 100_000, now + timedelta(days=20))
    work(3, 2, 4, 300_000, now + timedelta(days=30))


def propose(details: dict[str, Any], now: datetime = FEBRUARY) -> Any:
    """A proposal by f1, in discussion."""
    one = decisions.draft(person(1), "use_of_surplus", "Use of the surplus", "Because.", details=details, now=now)
    return decisions.open_discussion(one, person(1), now=now)


def passed(one: Any, choice: str = "for") -> Any:
    """Voted on by all five, counted, and (where it passed) in force."""
    one = decisions.open_voting(one, now=one.opens_at)
    for number in range(1, 6):
        decisions.cast(one, person(number), choice, now=one.opens_at)
    one = decisions.close(one, now=one.closes_at)
    return decisions.take_effect(one, now=one.effect_at) if one.state == "passed" else one

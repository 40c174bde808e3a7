"""A British society that offers shares, for tests: its people, its offers, and what a day of due work does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from madang.coop import law
from madang.coop.capital import limits
from madang.coop.capital.offers import applying, opening
from madang.coop.capital.offers.models import Application, Offer
from madang.coop.ledger import queries as books
from madang.coop.ledger.models import Account
from madang.coop.members.models import MemberClass
from madang.coop.notices.due import run_due
from madang.coop.payments import sandbox
from madang.coop.people import actions as people
from madang.coop.people.models import Person
from madang.kit.offers.statements import STATEMENTS

CHARTER = Path(__file__).parent / "equal_care.toml"
DAY = timedelta(days=1)
POUND = 100


def uk(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment, in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@cache
def _charter(now: datetime) -> Any:
    from madang.coop.charter import reader

    return reader.read_file(CHARTER, now=now)


def founded(now: datetime) -> Any:
    """The society, founded and open."""
    from madang.coop.charter import actions
    from madang.coop.members.actions import activate

    _coop, links = actions.found(_charter(now), now=now)
    for link in links:
        activate(actions.accept(link.path.split("/")[2], now=now), now=now)
    return law.coop()


def secretary() -> Person:
    """Who looks after share offers."""
    return Person.objects.get(email="f1@example.org")


def document() -> dict[str, str]:
    """An offer document that says all that must be said."""
    words = "\n\n".join(one.example["en"] for one in STATEMENTS.values())
    return {"en": f"# Our offer\n\nWe want to build care that belongs to those who give it and get it.\n\n## What you should know\n\n{words}"}


def kind(key: str) -> MemberClass:
    """A class by its key."""
    return MemberClass.objects.get(key=key)


def draft(now: datetime, **fields: Any) -> Offer:
    """The terms of 2019 unless others are given, as a draft."""
    fields = {
        "title": {"en": "Community share offer 2019", "ko": "2019년 공동체 출자"}, "document": document(), "person_class": kind("investor"),
        "organisation_class": kind("backer"), "kind": "time-bound", "minimum": 100_000 * POUND, "optimum": 300_000 * POUND, "maximum": 500_000 * POUND,
        "least_person": 100 * POUND, "most_person": 30_000 * POUND, "least_organisation": 100 * POUND, "most_organisation": 100_000 * POUND,
        "opens_at": uk(2019, 6, 11, 23), "closes_at": uk(2019, 8, 14, 23), "extension_days": 28, "extensions": 1, **fields,
    }  # fmt: skip
    return opening.write(secretary(), now=now, **fields)


def opened(now: datetime, **fields: Any) -> Offer:
    """The same, opened by the board."""
    return opening.open_by_board(draft(now, **fields), secretary(), now=now)


def person(number: int, now: datetime) -> Person:
    """Investor ``number``, here for the first time or again."""
    return people.register(f"investor{number}@example.org", f"Investor {number}", language="en", time_zone="Europe/London", confirmed=True, now=now)


def organisation(name: str, now: datetime) -> Any:
    """An organisation and who speaks for it."""
    who = people.register(f"{name}@example.org", f"{name}'s secretary", language="en", time_zone="Europe/London", confirmed=True, now=now)
    there = people.make_organisation(name=name, slug=name, about="", now=now)
    people.start_work(who, there, "representative", now=now)
    return there, who


def invest(offer: Offer, who: Person, pounds: int, now: datetime, holder: Any = None, answer: str = "approve") -> Application:
    """Apply and pay."""
    one = applying.apply(offer, pounds, who, holder=holder, now=now)
    assert one.charge is not None
    sandbox.pay(one.charge, now=now, answer=answer)
    one.refresh_from_db()
    return one


def sweep(now: datetime) -> None:
    """All work that is due, until nothing is."""
    for _round in range(60):
        if not run_due(now, 500).done:
            return


def capital() -> int:
    """All share capital, in pence."""
    return int(books.kind_balance("shares", "GBP"))


def held() -> int:
    """All money held for offers."""
    return int(books.kind_balance("hold", "GBP"))


def at_the_bank() -> int:
    """What the pretend bank holds for us, in pence, before its fees."""
    return -int(books.kind_balance("clearing", "GBP"))


def shares_of(who: Person) -> int:
    """Share capital of a person, in pence."""
    return limits.held(who, "GBP")


def has(who: Person) -> int:
    """What is on refund accounts of this person's charges."""
    keys = [f"charge:{one.charge_id}" for one in Application.objects.filter(by=who)]
    return sum(int(books.balance(one)) for one in Account.objects.filter(kind="refunds", owner__in=keys))


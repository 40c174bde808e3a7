"""A small open co-op with rules of its own, for tests about deciding. Made by hand so that each test says who is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from madang.coop.decisions import actions
from madang.coop.decisions.models import Proposal
from madang.coop.law.models import Coop
from madang.coop.members.models import MemberClass, Membership, Office, OfficeTerm
from madang.coop.people.models import Organisation, Person, Work
from madang.coop.rules import DryRun, Rule, Slider, registry
from madang.coop.rules.actions import found
from madang.kit.ruletypes import Duration, Percent, Split

SPLIT, FEE, WAIT = "test.split", "test.fee", "test.wait"
POLICY: dict[str, Any] = {
    "title": {"ko": "일반 결정", "en": "Ordinary decision"}, "quorum": "20%", "majority": "50%", "discussion": "3d", "voting": "5d", "notice": "2d",
}  # fmt: skip


def last_month(changes: Mapping[str, Any], now: datetime) -> DryRun:
    """Of 1,000,000 won last month, what each part got and would get."""
    rows = [(name, 950_000 if name == "provider" else 50_000, int(1_000_000 * share)) for name, share in changes[SPLIT].items()]
    return DryRun(rows, "Jobs of last month.", "KRW")


def declare(monkeypatch: Any) -> None:
    """The rules of this yard, for one test."""
    parts = {"provider": "provider", "upkeep": "upkeep"}
    made = [
        Rule(SPLIT, Split(parts=parts, bounds_of={"upkeep": ("0%", "30%")}), {"provider": "95%", "upkeep": "5%"}, "How a job is shared",
             dry_run=last_month, slider=Slider("upkeep", "0.5%", "0%", "20%"), group="Money"),
        Rule(FEE, Split(parts=("worker", "fund")), {"worker": "97%", "fund": "3%"}, "How a member co-op shares", scope="organisation", group="Money"),
        Rule(WAIT, Duration(min="1h", max="7d"), "24h", "Time to complain", group="Times"),
        Rule("test.reserve", Percent(), "20%", "Legal reserve", law="reserve.legal.min_fraction", group="Money"),
    ]  # fmt: skip
    for rule in made:
        monkeypatch.setitem(registry._registry.rules, rule.key, rule)


@dataclass
class Yard:
    """The co-op and its people by class."""

    coop: Coop
    now: datetime
    people: dict[str, list[Person]] = field(default_factory=dict)

    def propose(self, *changes: dict[str, Any], author: Person | None = None, now: datetime | None = None, **more: Any) -> Proposal:
        """A proposal in discussion."""
        now = now or self.now
        author = author or self.people["worker"][0]
        one = actions.draft(author, "change_rules", more.pop("title", "Upkeep to 6 %"), "Because.", changes or [split("94%", "6%")], now=now, **more)
        return actions.open_discussion(one, author, now=now)

    def vote(self, one: Proposal, **choices: Mapping[str, str] | str) -> None:
        """Cast for each class a string such as "fffa-" (for, for, for, against, no ballot); o is abstain."""
        words = {"f": "for", "a": "against", "o": "abstain"}
        for key, letters in choices.items():
            for person, letter in zip(self.people[key], letters, strict=False):
                if letter != "-":
                    actions.cast(one, person, words[letter], now=one.opens_at)

    def run(self, one: Proposal, **choices: str) -> Proposal:
        """From discussion to the count."""
        one = actions.open_voting(one, now=one.opens_at)
        self.vote(one, **choices)
        return actions.close(one, now=one.closes_at)


def split(provider: str, upkeep: str, **more: Any) -> dict[str, Any]:
    """A change of the split."""
    return {"rule": SPLIT, "value": {"provider": provider, "upkeep": upkeep}, **more}


def make(now: datetime, sizes: Mapping[str, int], values: Mapping[Any, Any] | None = None, voters: str = "people") -> Yard:
    """Found, fill, open. What the law leaves to a meeting is voted on here, unless ``values`` say otherwise."""
    coop = Coop.objects.create(
        name={"ko": "작은마당", "en": "Little Yard"}, slug="little-yard", law="kr-general", currency="KRW", time_zone="Asia/Seoul", languages=["ko", "en"],
        voters=voters, demo=True, founded_at=now - timedelta(days=30), charter_text="",
    )  # fmt: skip
    found({"ways.policy": POLICY, "deciding.meeting_only": False, **(values or {})}, coop.founding_id, now - timedelta(days=30))
    coop.state, coop.opened_at = "open", now - timedelta(days=29)
    coop.save()
    yard = Yard(coop, now)
    before = now - timedelta(days=20)
    for order, (key, size) in enumerate(sizes.items()):
        kind = MemberClass.objects.create(key=key, title={"ko": key, "en": key.title()}, order=order)
        yard.people[key] = [Person.objects.create_user(f"{key}{n}@example.org", f"{key} {n}", language="en", time_zone="Asia/Seoul") for n in range(size)]
        Membership.objects.bulk_create(
            [Membership(member_class=kind, person=p, state="active", applied_at=before, admitted_at=before, active_from=before) for p in yard.people[key]]
        )
    return yard


def organisation(yard: Yard, name: str, size: int) -> Organisation:
    """A member co-op with people who work in it."""
    before = yard.now - timedelta(days=20)
    org = Organisation.objects.create(name=name, slug=name.lower(), created_at=before)
    kind, _ = MemberClass.objects.get_or_create(key="provider", defaults={"title": {"en": "Member co-op"}, "holder": "organisation", "order": 9})
    Membership.objects.create(member_class=kind, organisation=org, state="active", applied_at=before, admitted_at=before, active_from=before)
    yard.people[name] = [Person.objects.create_user(f"{name.lower()}{n}@example.org", f"{name} {n}", language="en") for n in range(size)]
    for person in yard.people[name]:
        Work.objects.create(organisation=org, person=person, role="worker", since=before)
    return org


def office(yard: Yard, key: str, person: Person | None = None, filled_by: str = "vote:policy") -> Office:
    """An office, maybe held."""
    made = Office.objects.create(key=key, title={"ko": key, "en": key}, filled_by=filled_by)
    if person is not None:
        OfficeTerm.objects.create(
            office=made, person=person, since=yard.now - timedelta(days=1), until=yard.now + timedelta(days=300), founding_id=yard.coop.founding_id
        )
    return made

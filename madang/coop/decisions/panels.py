"""Panels by lot: who stands for one, the list of panels fixed before the vote, and the draw after it.

While it is discussed, members stand with one tap. When voting opens, those who still are members get numbers, the fairest list of panels that
keeps the quotas is made (``kit/counting/sortition.py``), and its hash goes on the record with the hash of a secret. When the decision takes
effect, secret and vote draw one of the list; list, secret and number are published, and ``madang verify`` draws again. Names are for members.
"""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from madang.kit.counting import lots, sortition
from madang.kit.errors import Missing, Refused

KIND, CLASS = "panel", "class"
VOLUNTEERS_MOST, NAMES_SHOWN = sortition.VOLUNTEERS_MOST, 500


class Volunteer(models.Model):
    """Somebody who stands for one panel. ``number``: theirs in the list of panels, once voting opened; ``drawn``: they sit on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey("decisions.Proposal", models.PROTECT, related_name="volunteers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    stepped_back_at = models.DateTimeField(null=True)
    class_key = models.CharField(max_length=40, blank=True, help_text="as whom they are counted, fixed with the number")
    number = models.PositiveIntegerField(null=True)
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number", "since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="decisions_volunteer_once"),
            models.UniqueConstraint(fields=["proposal", "number"], name="decisions_volunteer_number"),
            models.CheckConstraint(condition=models.Q(drawn_at=None) | models.Q(number__isnull=False), name="decisions_volunteer_drawn"),
        ]

    def __str__(self) -> str:
        return str(self.person)


class Lottery(models.Model):
    """The list of panels of one decision, as numbers of volunteers. Written once, when voting opens."""

    proposal = models.OneToOneField("decisions.Proposal", models.PROTECT, primary_key=True, related_name="lottery")
    panels = models.JSONField(help_text="[[number, …], …]")
    bound = models.CharField(max_length=60, help_text="no list gives everybody a greater chance than this: a fraction")

    class Meta:
        verbose_name_plural = "lotteries"

    def __str__(self) -> str:
        return f"lottery of {self.pk}"


# ---- standing


def _open(proposal: Any, now: datetime) -> Any:
    from madang.coop.decisions import drafting, states

    one = drafting.locked(proposal)
    if one.kind != KIND:
        raise Missing("no panel")
    if one.state != states.DISCUSSION or one.opens_at is None or now >= one.opens_at:
        raise Refused("over", _("People stand for a panel during the discussion only. Voting has begun."))
    return one


@transaction.atomic
def volunteer(proposal: Any, person: Any, *, now: datetime) -> Volunteer:
    """Stand for the panel; twice is once. Raises ``Missing`` for whoever takes no part, ``Refused``: "over", "not-a-member", "too-many"."""
    from madang.coop.decisions import drafting

    one = _open(proposal, now)
    drafting.require_insider(one, person, now)
    if not classes([person.pk], now):
        raise Refused("not-a-member", _("Only a member can sit on the panel."))
    found = Volunteer.objects.filter(proposal=one, person=person).first()
    if found is None:
        if Volunteer.objects.filter(proposal=one).count() >= VOLUNTEERS_MOST:
            raise Refused("too-many", _("At most {n} people can stand.").format(n=VOLUNTEERS_MOST))
        return Volunteer.objects.create(proposal=one, person=person, since=now)
    if found.stepped_back_at is not None:
        found.since, found.stepped_back_at = now, None
        found.save()
    return found


@transaction.atomic
def step_back(proposal: Any, person: Any, *, now: datetime) -> Volunteer:
    """Stand no longer, until voting opens; twice is once. Raises ``Missing`` for whoever does not stand, ``Refused("over")``."""
    one = _open(proposal, now)
    found = Volunteer.objects.filter(proposal=one, person=person).first()
    if found is None:
        raise Missing("you do not stand")
    if found.stepped_back_at is None:
        found.stepped_back_at = now
        found.save()
    return found


def classes(people: Any, at: datetime) -> dict[UUID, str]:
    """By person (ids, or a query of them) their class at ``at``: their own primary one, else that of the member organisation they work in. Two queries."""
    from madang.coop.members import queries as members
    from madang.coop.members.models import Membership
    from madang.coop.people.models import Work

    wanted = people if isinstance(people, models.QuerySet) else list(people)
    own = Membership.objects.filter(members.active_at(at), person__in=wanted).order_by("primary", "-active_from").values_list("person", "member_class__key")
    work = Work.objects.filter(members.working_at(at), person__in=wanted, organisation__memberships__in=Membership.objects.filter(members.active_at(at)))
    inside = work.order_by("-since").values_list("person", "organisation__memberships__member_class__key")
    return {**{pk: key for pk, key in inside if pk is not None}, **{pk: key for pk, key in own if pk is not None}}


def sizes(at: datetime) -> dict[str, int]:
    """How many people each class has at ``at``, in the order of the classes. Four queries."""
    from madang.coop.members import queries as members
    from madang.coop.members.models import MemberClass

    found = Counter(classes(members.people(at).values("pk"), at).values())
    return {key: found[key] for key in MemberClass.objects.values_list("key", flat=True) if found[key]}


def uncalled(now: datetime, limit: int) -> list[str]:
    """Panels whose discussion is open and whose members have not been told that one can stand: their authors have not, and are told with all."""
    from madang.coop.decisions import states
    from madang.coop.decisions.models import Proposal
    from madang.coop.notices.models import Notice

    rows = Proposal.objects.filter(kind=KIND, state=states.DISCUSSION, opens_at__gt=now, author__isnull=False, author__erased_at=None).order_by("discussion_at")
    page = Concat(models.Value("/decisions/"), Cast(models.OuterRef("pk"), models.TextField()), models.Value("/#panel"), output_field=models.TextField())
    told = Notice.objects.filter(person=models.OuterRef("author"), message="decisions.call", url=page)
    return [str(pk) for pk in rows.exclude(models.Exists(told)).values_list("pk", flat=True)[:limit]]


@transaction.atomic
def call(proposal: Any, *, now: datetime) -> None:
    """Every member reads in their inbox that one can stand: whoever does not know of it has no chance. Called twice is once."""
    from madang.coop import notices
    from madang.coop.decisions import drafting, telling
    from madang.coop.members import queries as members

    one = drafting.locked(proposal)
    if one.author is None or str(one.pk) not in uncalled(now, 1000):
        return
    people = {person.pk: person for person in members.people(now)} | {one.author.pk: one.author}
    params = {"title": one.title, "opens": one.opens_at}
    notices.tell_all(list(people.values()), "decisions.call", url=f"{telling.url(one)}#panel", params=params, now=now)


# ---- the list, and the draw


def _standing(proposal: Any, now: datetime) -> list[Volunteer]:
    rows = list(Volunteer.objects.filter(proposal=proposal, stepped_back_at=None).select_related("person").order_by("since", "pk"))
    found = classes([row.person_id for row in rows], now)
    for row in rows:
        row.class_key = found.get(row.person_id, "")
    return [row for row in rows if row.class_key]


def quotas(details: Mapping[str, Any]) -> dict[tuple[str, str], tuple[int, int]]:
    """The quotas of a proposal as the lottery takes them."""
    return {(CLASS, key): (least, most) for key, (least, most) in details.get("quotas", {}).items()}


def prepare_draw(proposal: Any, now: datetime) -> str:
    """Voting opens: numbers, the list and the secret's hash are fixed. "" or "too-few-volunteers" when no panel keeps the quotas."""
    rows = _standing(proposal, now)
    try:
        made = sortition.lottery([{CLASS: row.class_key} for row in rows], quotas(proposal.details), proposal.details["size"])
    except sortition.Impossible:
        return "too-few-volunteers"
    for number, row in enumerate(rows, 1):
        row.number = number
    Volunteer.objects.bulk_update(rows, ["number", "class_key"], batch_size=1000)
    Lottery.objects.create(proposal=proposal, panels=[list(panel) for panel in made.panels], bound=str(made.bound))
    proposal.lot = secrets.token_hex(32)
    fixed = {"volunteers": len(rows), "panels": sortition.root(made.panels), "lot": lots.commitment(proposal.lot)}
    proposal.details = {**proposal.details, **fixed}
    return ""


def draw(proposal: Any, now: datetime) -> list[Volunteer]:
    """The decision takes effect: draw, publish, tell. Whoever is no member any more leaves their seat empty; the others are answered."""
    from madang.coop import notices, record
    from madang.coop.decisions import telling
    from madang.coop.members import queries as members

    panels = Lottery.objects.get(pk=proposal.pk).panels
    number = sortition.draw(sortition.seed(proposal.lot, proposal.tally), len(panels))
    drawn = list(Volunteer.objects.filter(proposal=proposal, number__in=panels[number]).select_related("person"))
    seated = [row for row in drawn if members.is_member(row.person, now)]
    Volunteer.objects.filter(pk__in=[row.pk for row in seated]).update(drawn_at=now)
    leaf = {"decision": str(proposal.pk), "panels": panels, "secret": proposal.lot, "drawn": number, "empty": len(drawn) - len(seated)}
    record.write("decision.panel", f"decision:{proposal.pk}", [leaf], public=True, now=now)
    notices.tell_all([row.person for row in seated], "decisions.drawn", url=f"{telling.url(proposal)}#panel", params={"title": proposal.title}, now=now)
    return seated


# ---- what is shown


@dataclass(frozen=True)
class Row:
    """A class on the page: how many stand, how many seats at least and at most (None: free), what each of them has for a chance, how many are lacking."""

    title: str
    stand: int | None
    least: int | None
    most: int | None
    chance: str
    lacking: int


@dataclass(frozen=True)
class Panel:
    """The part of a decision's page about its panel. Names, the reader's own place and figures by class are for insiders."""

    open: bool
    mine: bool
    stand: int
    size: int
    lacking: int
    names: Sequence[str]
    rows: Sequence[Row]
    listed: bool
    own_chance: str
    drawn: Sequence[Volunteer]
    numbers: Sequence[int]
    empty: int
    seat: bool
    repairs: Sequence[tuple[str, int, int]]


def shown(one: Any, person: Any, now: datetime, lang: str, *, insider: bool) -> Panel | None:
    """What there is to see of a panel; None for another kind and a draft. At most eight queries."""
    from madang.coop.decisions import states
    from madang.coop.members.models import MemberClass
    from madang.kit.ruletypes.text import in_language

    if one.kind != KIND or one.state == states.DRAFT or "size" not in one.details:
        return None
    lottery = Lottery.objects.filter(pk=one.pk).first()
    numbered = Volunteer.objects.filter(proposal=one, number__isnull=False).select_related("person")
    rows = list(numbered) if lottery else _standing(one, now)
    mine = next((row for row in rows if row.person_id == getattr(person, "pk", None)), None)
    of_class, size = Counter(row.class_key for row in rows), one.details["size"]
    limits = {key: (least, most) for key, (least, most) in one.details.get("quotas", {}).items()}
    titles = {row.key: in_language(row.title, lang) for row in MemberClass.objects.all()}
    chances = sortition.chances(lottery.panels, len(rows)) if lottery else []
    told = []
    for key in [key for key in titles if key in limits or of_class[key]]:
        least, most = limits.get(key, (None, None))
        own = [chances[row.number - 1] for row in rows if row.class_key == key and row.number] if lottery else []
        told.append(Row(titles[key], of_class[key], least, most, _range(own), max(0, (least or 0) - of_class[key])))
    picked = _picked(one, lottery)
    drawn = [row for row in rows if row.drawn_at is not None]
    return Panel(
        open=one.state == states.DISCUSSION and one.opens_at is not None and now < one.opens_at,
        mine=mine is not None,
        stand=len(rows),
        size=size,
        lacking=max(0, size - len(rows)),
        names=[f"{row.number}. {row.person}" if row.number else str(row.person) for row in rows[:NAMES_SHOWN]] if insider else [],
        rows=told if insider else [],
        listed=lottery is not None,
        own_chance=_percent(chances[mine.number - 1]) if lottery and mine is not None and mine.number else "",
        drawn=drawn if insider else [],
        numbers=picked,
        empty=len(picked) - len(drawn) if picked else 0,
        seat=mine is not None and mine.drawn_at is not None,
        repairs=_repairs(rows, one.details, titles) if insider and one.state == states.FAILED else [],
    )


def _picked(one: Any, lottery: Lottery | None) -> list[int]:
    from madang.coop.decisions import states

    if lottery is None or one.state not in (states.IN_FORCE, states.REVERTED):
        return []
    return list(lottery.panels[sortition.draw(sortition.seed(one.lot, one.tally), len(lottery.panels))])


def _repairs(rows: Sequence[Volunteer], details: Mapping[str, Any], titles: Mapping[str, str]) -> list[tuple[str, int, int]]:
    """Which quotas stood in the way, and the smallest change that would have done: (class, at least, at most)."""
    found = sortition.repairs([{CLASS: row.class_key} for row in rows], quotas(details), details["size"])
    return [(titles.get(one.quota[1], one.quota[1]), one.least, one.most) for one in found]


def _range(chances: Sequence[Fraction]) -> str:
    if not chances:
        return ""
    low, high = _percent(min(chances)), _percent(max(chances))
    return low if low == high else f"{low}–{high}"


def _percent(chance: Fraction) -> str:
    """A chance in tenths of a percent, rounded half up; of a thousand panels that is exact."""
    tenths = (chance * 2000 + 1) // 2
    return f"{tenths // 10}.{tenths % 10} %"


def as_text(one: Any) -> str:
    """The list for anyone who draws again: a panel a line, numbers with commas. Raises ``Missing`` before there is one."""
    lottery = Lottery.objects.filter(pk=one.pk).first()
    if lottery is None:
        raise Missing("no list of panels yet")
    return "".join(",".join(map(str, panel)) + "\n" for panel in lottery.panels)


# ---- personal data


def export(person: Any) -> list[dict[str, Any]]:
    """For which panels somebody stood, and whether they were drawn."""
    rows = Volunteer.objects.filter(person=person).select_related("proposal")
    return [
        {
            "kind": "stood for a panel", "decision": row.proposal.title, "since": row.since, "stepped_back_at": row.stepped_back_at,
            "number": row.number, "as": row.class_key, "drawn_at": row.drawn_at,
        }
        for row in rows
    ]  # fmt: skip


def erase(person: Any, *, now: datetime) -> None:
    """Where no list is fixed yet they stand no longer and leave no row; where one is, the number stays with it, without their name."""
    Volunteer.objects.filter(person=person, number=None).delete()

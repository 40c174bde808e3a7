"""Who is a member, of what, since when; who votes; who holds an office. Each read names its number of SQL queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from madang.coop import law
from madang.coop.members.models import LIVE, MemberClass, Membership, Office, OfficeTerm, WorkInvitation
from madang.coop.people.models import Organisation, Person, Work
from madang.kit.counting.hiding import hidden
from madang.kit.errors import Missing

SMALLEST_GROUP = 5


@dataclass(frozen=True)
class Voter:
    """One vote: the membership that carries it, the person who casts it, the class it counts in.

    Where organisations vote, the person is their representative; someone who is a member *and* represents an organisation
    then stands in the list once for each membership when the co-op lets both vote.
    """

    membership: Membership
    person: Person
    class_key: str


@dataclass(frozen=True)
class RegisterLine:
    """One line of the register as at a moment."""

    membership: Membership
    name: str
    class_key: str
    class_title: dict[str, str]
    since: datetime


@dataclass(frozen=True)
class ClassCount:
    """How many active members a class has; ``shown``: whether the figure may be shown to everyone, so that nobody is told apart.

    Not below five people, and not where a smaller class could be worked out from the total and the others. Behind an organisation
    stand those who work in it (as on the treasury page): ``people``.
    """

    member_class: MemberClass
    count: int
    people: int
    shown: bool

    @property
    def few(self) -> bool:
        """Whether they are fewer than five."""
        return self.people < SMALLEST_GROUP


def active_at(at: datetime) -> Q:
    """The condition for memberships active at a moment: ``active_from <= at < left_at``."""
    return Q(active_from__lte=at) & (Q(left_at=None) | Q(left_at__gt=at))


def holding_at(at: datetime) -> Q:
    """The condition for office terms running at a moment: ``since <= at < until``."""
    return Q(since__lte=at, until__gt=at)


def working_at(at: datetime) -> Q:
    """The condition for people working in an organisation at a moment."""
    return Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))


def classes() -> list[MemberClass]:
    """All classes in the charter's order. One query."""
    return list(MemberClass.objects.all())


def class_of(key: str) -> MemberClass:
    """The class with this key. Raises ``Missing``."""
    found = MemberClass.objects.filter(key=key).first()
    if found is None:
        raise Missing(f"class {key}")
    return found


def memberships(person: Person) -> list[Membership]:
    """The person's own memberships, live ones first, then the past ones. One query."""
    rows = Membership.objects.filter(person=person).select_related("member_class", "person", "organisation")
    return sorted(rows, key=lambda one: (one.state not in LIVE, not one.primary, one.applied_at))


def represented(person: Person, at: datetime) -> list[Membership]:
    """Live memberships of the organisations this person speaks for at a moment. One query."""
    return list(
        Membership.objects.filter(
            organisation__in=Work.objects.filter(working_at(at), person=person, role=Work.REPRESENTATIVE).values("organisation"), state__in=LIVE
        ).select_related("member_class", "organisation")
    )


def is_member(person: Any, at: datetime) -> bool:
    """Whether the person is an active member at ``at``: by a membership of their own, or working in a member organisation.

    False for someone signed out. At most two queries.
    """
    if not getattr(person, "is_authenticated", False):
        return False
    if Membership.objects.filter(active_at(at), person=person).exists():
        return True
    where = Work.objects.filter(working_at(at), person=person).values("organisation")
    return Membership.objects.filter(active_at(at), organisation__in=where).exists()


def makes_member(person: Person, at: datetime) -> QuerySet[Membership]:
    """The active memberships that make the person a member at a moment: their own, and those of organisations they work in."""
    where = Work.objects.filter(working_at(at), person=person).values("organisation")
    return Membership.objects.filter(active_at(at) & (Q(person=person) | Q(organisation__in=where)))


def people(at: datetime) -> QuerySet[Person]:
    """The people who are members at a moment, of their own or by working in a member organisation, by name. One query."""
    active = Membership.objects.filter(active_at(at))
    working = Work.objects.filter(working_at(at), organisation__in=active.filter(organisation__isnull=False).values("organisation"))
    of_their_own = active.filter(person__isnull=False)
    return Person.objects.filter(Q(pk__in=of_their_own.values("person")) | Q(pk__in=working.values("person")), erased_at=None).order_by("name", "pk")


def shown_people(at: datetime, besides: Iterable[Any] = ()) -> QuerySet[Person]:
    """Of the people who are members those who let other members see their name, and these ``besides``, by name. One query."""
    hiding = Membership.objects.filter(active_at(at), person__isnull=False, names_open=False).values("person")
    return people(at).filter(~Q(pk__in=hiding) | Q(pk__in=[one for one in besides if one]))


def registered(at: datetime) -> QuerySet[Membership]:
    """The memberships of the register as at any moment, ordered by class, then since: for pages of it."""
    rows = Membership.objects.filter(active_at(at)).select_related("member_class", "person", "organisation")
    return rows.order_by("member_class__order", "member_class__key", "active_from", "id")


def register_lines(rows: Iterable[Membership]) -> list[RegisterLine]:
    """Memberships as lines of the register: name, class, since."""
    return [RegisterLine(one, one.holder_name, one.member_class.key, one.member_class.title, one.active_from) for one in rows if one.active_from]


def register(at: datetime) -> list[RegisterLine]:
    """The whole register as at any moment. One query."""
    return register_lines(registered(at))


def count_by_class(at: datetime) -> list[ClassCount]:
    """Active members of each class at a moment. Two queries."""
    period = Q(memberships__active_from__lte=at) & (Q(memberships__left_at=None) | Q(memberships__left_at__gt=at))
    rows = MemberClass.objects.annotate(members_now=Count("memberships", filter=period)).order_by("order", "key")
    found = list(rows)
    if not any(one.holder == MemberClass.ORGANISATION and one.members_now for one in found):
        return _shown(found, {})
    working = Work.objects.filter(working_at(at), organisation__memberships__in=Membership.objects.filter(active_at(at)))
    behind = dict(working.values_list("organisation__memberships__member_class").annotate(Count("person", distinct=True)).order_by())
    return _shown(found, behind)


def _shown(found: list[Any], behind: dict[UUID, int]) -> list[ClassCount]:
    people = {one.key: behind.get(one.pk, 0) if one.holder == MemberClass.ORGANISATION else one.members_now for one in found}
    out, _total = hidden({key: number for key, number in people.items() if number})
    return [ClassCount(one, one.members_now, people[one.key], one.key not in out and people[one.key] >= SMALLEST_GROUP) for one in found]


def members_count(at: datetime) -> int:
    """How many persons and organisations are members at a moment (one who is in two classes counts once). One query."""
    answer = Membership.objects.filter(active_at(at)).aggregate(
        persons=Count("person", distinct=True), organisations=Count("organisation", distinct=True)
    )
    return int(answer["persons"] + answer["organisations"])


def open_names(at: datetime) -> QuerySet[Membership]:
    """Active memberships whose holders let other members see their name, newest first."""
    rows = Membership.objects.filter(active_at(at), names_open=True).exclude(person__erased_at__isnull=False)
    return rows.select_related("member_class", "person", "organisation").order_by("-active_from", "id")


def spoken_for(person: Person, at: datetime) -> QuerySet[Organisation]:
    """The organisations a person speaks for at a moment."""
    spoken = Work.objects.filter(working_at(at), person=person, role=Work.REPRESENTATIVE).values("organisation")
    return Organisation.objects.filter(pk__in=spoken).order_by("name")


def spoken_alone(person: Person, at: datetime) -> QuerySet[Organisation]:
    """The organisations nobody but this person speaks for at a moment."""
    others = Work.objects.filter(working_at(at), role=Work.REPRESENTATIVE).exclude(person=person).values("organisation")
    return spoken_for(person, at).exclude(pk__in=others)


def left_speechless(organisation: Organisation, person: Person, at: datetime) -> bool:
    """Whether without this person nobody would speak for an organisation that is a member (or has applied) or in which others work. Three queries."""
    others = Work.objects.filter(working_at(at), organisation=organisation).exclude(person=person)
    if others.filter(role=Work.REPRESENTATIVE).exists():
        return False
    return others.exists() or Membership.objects.filter(organisation=organisation, state__in=LIVE).exists()


def representative(organisation: Organisation | UUID, at: datetime) -> Person | None:
    """Who speaks for the organisation at a moment: the one who has done so longest. One query."""
    key = organisation.pk if isinstance(organisation, Organisation) else organisation
    work = (
        Work.objects.filter(working_at(at), organisation_id=key, role=Work.REPRESENTATIVE, person__erased_at=None)
        .select_related("person")
        .order_by("since", "pk")
        .first()
    )
    return work.person if work else None


def represents(person: Any, organisation: Organisation, at: datetime) -> bool:
    """Whether the person speaks for the organisation at a moment. One query."""
    return bool(
        getattr(person, "is_authenticated", False)
        and Work.objects.filter(working_at(at), organisation=organisation, person=person, role=Work.REPRESENTATIVE).exists()
    )


def workers(organisation: Organisation, at: datetime) -> list[Work]:
    """Who works in, or speaks for, the organisation at a moment, one row a role. One query."""
    return list(Work.objects.filter(working_at(at), organisation=organisation).select_related("person").order_by("role", "since", "pk"))


def organisations_of(person: Any, at: datetime) -> list[Organisation]:
    """Where the person works at a moment. One query."""
    if not getattr(person, "is_authenticated", False):
        return []
    return list(Organisation.objects.filter(pk__in=Work.objects.filter(working_at(at), person=person).values("organisation")).order_by("name"))


def _people(at: datetime) -> list[Voter]:
    """One vote a person, in the class they chose as primary, whatever else they hold."""
    rows = (
        Membership.objects.filter(active_at(at), person__isnull=False, member_class__votes=True)
        .select_related("person", "member_class")
        .order_by("-primary", "active_from", "id")
    )
    first: dict[UUID, Voter] = {}
    for one in rows:
        person = one.person
        if person is not None and person.pk not in first:
            first[person.pk] = Voter(one, person, one.member_class.key)
    return list(first.values())


def _organisations(at: datetime, only: UUID | None = None) -> list[Voter]:
    """One vote an organisation, cast by its representative; without one it has nobody to cast it and is not in the list."""
    rows = Membership.objects.filter(active_at(at), organisation__isnull=False, member_class__votes=True)
    if only:
        rows = rows.filter(organisation_id=only)
    speakers: dict[UUID, Person] = {}
    spoken = Work.objects.filter(working_at(at), role=Work.REPRESENTATIVE, person__erased_at=None, organisation__in=rows.values("organisation"))
    for work in spoken.select_related("person").order_by("since", "pk"):
        speakers.setdefault(work.organisation_id, work.person)
    votes: dict[UUID, Voter] = {}
    for one in rows.select_related("organisation", "member_class").order_by("-primary", "active_from", "id"):
        organisation = one.organisation_id
        if organisation in speakers and organisation not in votes:
            votes[organisation] = Voter(one, speakers[organisation], one.member_class.key)
    return list(votes.values())


def _inside(org: UUID, at: datetime) -> list[Voter]:
    """The people who work in one member organisation, each with one vote in its own affairs."""
    membership = (
        Membership.objects.filter(active_at(at), organisation_id=org).select_related("organisation", "member_class").order_by("-primary", "active_from").first()
    )
    if membership is None:
        return []
    people: dict[UUID, Person] = {}
    for work in Work.objects.filter(working_at(at), organisation_id=org, person__erased_at=None).select_related("person").order_by("since", "pk"):
        people.setdefault(work.person_id, work.person)
    return [Voter(membership, person, membership.member_class.key) for person in people.values()]


def voters(at: datetime, org: Organisation | UUID | str | None = None) -> list[Voter]:
    """Who votes at a moment, in a stable order.

    Without ``org`` it follows the charter's ``voters``: "people" (each active member who is a person, once), "organisations"
    (each active member organisation, by its representative), or "both". With ``org``: everyone who works in that
    organisation, for its own rules. At most two queries besides the co-op's own row.
    """
    if org:
        return _inside(org.pk if isinstance(org, Organisation) else UUID(str(org)), at)
    who = law.coop().voters
    people = _people(at) if who in ("people", "both") else []
    bodies = _organisations(at) if who in ("organisations", "both") else []
    return people + bodies


def holds(person: Any, office: str, at: datetime) -> bool:
    """Whether the person holds the office with this key at a moment. One query."""
    if not getattr(person, "is_authenticated", False):
        return False
    return OfficeTerm.objects.filter(holding_at(at), person=person, office__key=office).exists()


def has_duty(person: Any, duty: str, at: datetime) -> bool:
    """Whether an office the person holds at a moment does this duty. One query."""
    if not getattr(person, "is_authenticated", False):
        return False
    return OfficeTerm.objects.filter(holding_at(at), person=person, office__does__contains=[duty]).exists()


def duties_of(person: Any, at: datetime) -> frozenset[str]:
    """All duties the offices a person holds at a moment do. One query."""
    if not getattr(person, "is_authenticated", False):
        return frozenset()
    return frozenset(duty for does in OfficeTerm.objects.filter(holding_at(at), person=person).values_list("office__does", flat=True) for duty in does)


def on_duty(duty: str, at: datetime) -> list[Person]:
    """Who has this duty by an office at a moment, each once, longest first. One query."""
    rows = OfficeTerm.objects.filter(holding_at(at), office__does__contains=[duty], person__erased_at=None).select_related("person").order_by("since", "id")
    return list({one.person_id: one.person for one in rows}.values())


def offices_of(person: Any, at: datetime) -> list[OfficeTerm]:
    """The terms a person serves at a moment. One query."""
    if not getattr(person, "is_authenticated", False):
        return []
    return list(OfficeTerm.objects.filter(holding_at(at), person=person).select_related("office").order_by("office__order"))


def holders(office: str, at: datetime) -> list[Person]:
    """Who holds the office with this key at a moment, longest first. One query."""
    rows = OfficeTerm.objects.filter(holding_at(at), office__key=office, person__erased_at=None).select_related("person").order_by("since", "id")
    return [one.person for one in rows]


def office_holders(at: datetime) -> list[Person]:
    """Everyone who holds an office at a moment, each once. One query."""
    rows = OfficeTerm.objects.filter(holding_at(at), person__erased_at=None).select_related("person").order_by("since", "id")
    return list({one.person_id: one.person for one in rows}.values())


def offices(at: datetime) -> list[tuple[Office, list[OfficeTerm]]]:
    """Every office with the terms that run at a moment. Two queries."""
    terms = list(OfficeTerm.objects.filter(holding_at(at)).select_related("person").order_by("since", "id"))
    return [(office, [term for term in terms if term.office_id == office.pk]) for office in Office.objects.all()]


def applications() -> QuerySet[Membership]:
    """Applications that wait for an answer, oldest first. Founders wait for nobody's but their own."""
    return Membership.objects.filter(state="applied", founder=False).select_related("member_class", "person", "organisation").order_by("applied_at", "id")


def applications_for(person: Any, at: datetime) -> list[Membership]:
    """Applications this person may answer because of an office. Two queries."""
    return applications_to([term.office.key for term in offices_of(person, at)])


def applications_to(offices: list[str]) -> list[Membership]:
    """Applications that the holders of these offices may answer. At most one query."""
    return list(applications().filter(member_class__admission__in=[f"office:{key}" for key in offices])) if offices else []


def organisation(slug: str) -> Organisation:
    """The organisation at this address. Raises ``Missing``."""
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise Missing(f"organisation {slug}")
    return found


def open_invitations(organisation: Organisation, at: datetime) -> list[WorkInvitation]:
    """Invitations that can still be accepted. One query."""
    return list(WorkInvitation.objects.filter(organisation=organisation, accepted_at=None, withdrawn_at=None, expires_at__gt=at))

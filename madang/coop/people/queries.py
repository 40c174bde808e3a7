"""Who is here and who works where."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from madang.coop.people.models import Organisation, Person, Work
from madang.kit.errors import Missing

GROUP_MIN = 5  # no figure is shown for a smaller group


def by_email(email: str) -> Person | None:
    """Who signs in with this address, if anyone."""
    return Person.objects.filter(email=email.strip().lower()).first()


def organisation(slug: str) -> Organisation:
    """The organisation at ``/organisations/<slug>/``. Raises ``Missing``."""
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise Missing
    return found


def organisation_by_id(organisation_id: UUID | str) -> Organisation:
    """Raises ``Missing``, also for what is no id at all."""
    try:
        wanted = UUID(str(organisation_id))
    except ValueError:
        raise Missing from None
    found = Organisation.objects.filter(pk=wanted).first()
    if found is None:
        raise Missing
    return found


def _at(moment: datetime) -> Q:
    return Q(since__lte=moment) & (Q(until=None) | Q(until__gt=moment))


def work_of(person: Person, at: datetime) -> QuerySet[Work]:
    """Where the person works or what they speak for at a moment, each with its organisation. One query."""
    return Work.objects.filter(_at(at), person=person).select_related("organisation").order_by("organisation__name", "role")


def works_in(organisation: Organisation, at: datetime) -> QuerySet[Person]:
    """Who works there at a moment, by name. One query."""
    return Person.objects.filter(pk__in=Work.objects.filter(_at(at), organisation=organisation, role=Work.WORKER).values("person")).order_by("name", "pk")


def speaks_for(person: Person, organisation: Organisation, at: datetime) -> bool:
    """Whether the person represents the organisation at a moment."""
    return Work.objects.filter(_at(at), person=person, organisation=organisation, role=Work.REPRESENTATIVE).exists()


def represented_by(person: Person, at: datetime) -> list[Organisation]:
    """The organisations the person speaks for at a moment, by name. One query."""
    spoken = Work.objects.filter(_at(at), person=person, role=Work.REPRESENTATIVE).values("organisation")
    return list(Organisation.objects.filter(pk__in=spoken).order_by("name"))


def head_count(organisation: Organisation, at: datetime) -> int | None:
    """How many people work there, or None when they are fewer than five (nobody shall be told apart)."""
    count = works_in(organisation, at).count()
    return count if count >= GROUP_MIN else None

"""Whose money it is, as a short string: ``person:<id>``, ``organisation:<id>`` … and "" for the co-op itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from madang.coop.people.models import Organisation, Person

KINDS = {"Person": "person", "Organisation": "organisation", "Membership": "membership", "Job": "job", "Charge": "charge"}


def owner_of(thing: Any) -> str:
    """The owner string of a person, an organisation, a membership …: ``"<kind>:<id>"``; "" for None (the co-op)."""
    if thing is None:
        return ""
    if isinstance(thing, str):
        return thing
    name = thing.__class__.__name__  # not type(thing): ``request.user`` is a lazy stand-in for a person
    return f"{KINDS.get(name, name.lower())}:{thing.pk}"


def split(owner: str) -> tuple[str, str]:
    """``"person:1f…"`` as ``("person", "1f…")``; ``("", "")`` for the co-op."""
    kind, _colon, key = owner.partition(":")
    return kind, key


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def names(owners: list[str]) -> dict[str, str]:
    """Names for people to read, of persons and organisations among ``owners``. At most 2 SQL queries."""
    wanted: dict[str, list[UUID]] = {"person": [], "organisation": []}
    for owner in set(owners):
        kind, key = split(owner)
        if kind in wanted and (parsed := _uuid(key)):
            wanted[kind].append(parsed)
    found: dict[str, str] = {"": _("the co-op")}
    if wanted["person"]:
        found |= {f"person:{person.pk}": str(person) for person in Person.objects.filter(pk__in=wanted["person"]).only("name")}
    if wanted["organisation"]:
        found |= {f"organisation:{one.pk}": one.name for one in Organisation.objects.filter(pk__in=wanted["organisation"]).only("name")}
    return found

"""Standing for election: members are named or name themselves while it is discussed, say who they are, and may step down until voting opens."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _

from madang.kit.errors import Missing, Refused

STATEMENT_MAX, MOST = 4000, 100


class Nomination(models.Model):
    """Somebody who was named for an office in one election. They stand only once they have said so themselves."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey("decisions.Proposal", models.PROTECT, related_name="nominations")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    statement = models.TextField(blank=True, max_length=STATEMENT_MAX)
    named_at = models.DateTimeField()
    stands_since = models.DateTimeField(null=True, help_text="since they said yes; null: not yet, or no longer")
    declined_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["named_at", "id"]
        constraints = [models.UniqueConstraint(fields=["proposal", "person"], name="decisions_nominated_once")]

    def __str__(self) -> str:
        return str(self.person)


def key(proposal: Any) -> str:
    """The key of the task to say yes or no."""
    return f"stand:{proposal.pk}"


def _open(proposal: Any, now: datetime) -> Any:
    from madang.coop.decisions import drafting, states

    one = drafting.locked(proposal)
    if one.kind != "election":
        raise Missing("no election")
    if one.state != states.DISCUSSION or one.opens_at is None or now >= one.opens_at:
        raise Refused("over", _("Candidates are named during the discussion only. Voting has begun."))
    return one


@transaction.atomic
def nominate(proposal: Any, person: Any, by: Any, *, now: datetime) -> Nomination:
    """Name another member; they are asked, and stand only when they say yes. Named twice is once; who said no is not asked again.

    Raises ``Missing`` for whoever does not take part, ``Refused``: "over", "not-a-member", "too-many", "declined".
    """
    from madang.coop import notices
    from madang.coop.decisions import drafting, telling
    from madang.coop.members import queries as members

    one = _open(proposal, now)
    drafting.require_insider(one, by, now)
    found = Nomination.objects.filter(proposal=one, person=person).first()
    if found is not None:
        if found.declined_at is not None and person.pk != by.pk:
            raise Refused("declined", _("They were asked and said no. They can still stand of their own accord."), "person")
        return found
    if not members.is_member(person, now):
        raise Refused("not-a-member", _("Only a member can hold an office."), "person")
    if Nomination.objects.filter(proposal=one).count() >= MOST:
        raise Refused("too-many", _("At most {n} people can be named.").format(n=MOST), "person")
    made = Nomination.objects.create(proposal=one, person=person, by=by, named_at=now)
    if person.pk != by.pk:
        notices.open_task(
            person, key(one), "decisions.nominated", url=f"{telling.url(one)}#standing", params={"title": one.title, "opens": one.opens_at},
            due_at=one.opens_at, now=now,
        )  # fmt: skip
    return made


@transaction.atomic
def stand(proposal: Any, person: Any, statement: str, *, now: datetime) -> Nomination:
    """Say yes, or put oneself forward, with a statement that all members read; again changes the statement.

    Raises as :func:`nominate`, and ``Refused("statement")`` when it is too long.
    """
    from madang.coop import notices
    from madang.coop.people.actions import clean_text

    one = _open(proposal, now)
    text = clean_text(statement, STATEMENT_MAX * 2, "statement")
    if len(text) > STATEMENT_MAX:
        raise Refused("statement", _("Please keep it under {n} characters.").format(n=STATEMENT_MAX), "statement")
    found = nominate(one, person, person, now=now)
    found.statement, found.declined_at = text, None
    found.stands_since = found.stands_since or now
    found.save()
    notices.close_task(key(one), now, person=person)
    return found


@transaction.atomic
def step_down(proposal: Any, person: Any, *, now: datetime) -> Nomination:
    """Say no, or take it back until voting opens. Twice is once. Raises ``Missing`` for whoever was not named, ``Refused("over")``."""
    from madang.coop import notices

    one = _open(proposal, now)
    found = Nomination.objects.select_for_update(of=("self",)).filter(proposal=one, person=person).first()
    if found is None:
        raise Missing("nobody named you")
    if found.declined_at is None:
        found.stands_since, found.declined_at, found.statement = None, now, ""
        found.save()
        notices.close_task(key(one), now, person=person)
    return found


def candidates(proposal: Any, now: datetime) -> list[Nomination]:
    """Who stands and is a member still, in an order that favours nobody: by a hash of the election and the person. Two queries at most for each."""
    from madang.coop.members import queries as members

    rows = Nomination.objects.filter(proposal=proposal, stands_since__isnull=False).select_related("person")
    mixed = sorted(rows, key=lambda one: hashlib.sha256(f"{proposal.pk} {one.person_id}".encode()).digest())
    return [one for one in mixed if members.is_member(one.person, now)]


def people(proposal: Any) -> dict[str, Any]:
    """The candidates of an election whose voting has opened, by option key. One query."""
    from madang.coop.people.models import Person

    kept = proposal.details.get("candidates") or []
    found = {str(one.pk): one for one in Person.objects.filter(pk__in=[UUID(row["person"]) for row in kept])}
    return {row["key"]: found[row["person"]] for row in kept if row["person"] in found}

"""Give a person an office: yes or no, one candidate a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.members import queries as members
from madang.coop.members.actions import appoint
from madang.coop.members.models import Office, OfficeTerm
from madang.coop.members.offices import months_later
from madang.coop.people.models import Organisation, Person
from madang.kit.errors import Refused
from madang.kit.ruletypes.text import in_language


class Form(base.Form):
    """Which office, and who. Someone who hides their name is proposed by nobody but themselves."""

    office = forms.ChoiceField(label=pgettext_lazy("election", "Office"))
    person = forms.ChoiceField(label=gettext_lazy("Candidate"), help_text=gettext_lazy("Ask them first whether they want it."))

    def prepare(self) -> None:
        """The offices that are filled by a vote, and the people who are members."""
        offices = Office.objects.filter(filled_by__startswith="vote:")
        self.fields["office"].choices = [(one.key, in_language(one.title, self.lang)) for one in offices]  # type: ignore[attr-defined]
        shown = members.shown_people(self.now, [self.viewer.pk, (self.initial or {}).get("person")]) if self.insider else ()
        self.names("person", [(str(one.pk), str(one)) for one in shown])


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "other-scope" (one organisation cannot fill the co-op's offices), "no-office" (none that is filled by a vote), "not-a-member"."""
    if org is not None:
        raise Refused("other-scope", _("The offices are the whole co-op's: propose this to all members, not inside one organisation."), "office")
    office = Office.objects.filter(key=str(details.get("office", ""))).first()
    if office is None or not office.filled_by.startswith("vote:"):
        raise Refused("no-office", _("Choose an office that is filled by a vote."), "office")
    person = _person(details.get("person"))
    if person is None or not members.is_member(person, now):
        raise Refused("not-a-member", _("Only a member can hold an office."), "person")
    return Prepared([], {"office": office.key, "person": str(person.pk)}, office.filled_by.removeprefix("vote:"))


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """The term begins now, or when the last seat that is taken becomes free; it lasts as long as the office says."""
    if proposal.org_id is not None:
        raise Refused("other-scope", _("The offices are the whole co-op's: propose this to all members, not inside one organisation."), "office")
    office = Office.objects.get(key=proposal.details["office"])
    person = Person.objects.get(pk=proposal.details["person"])
    running = list(OfficeTerm.objects.filter(office=office, until__gt=now).order_by("until").values_list("until", flat=True))
    since = running[len(running) - office.seats] if len(running) >= office.seats else now
    appoint(office, person, since=since, until=months_later(since, office.term_months), decision_id=proposal.pk, now=now)
    return []


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """The office, and who would hold it."""
    if not proposal.details:  # a draft that was taken back unseen
        return []
    office = Office.objects.filter(key=proposal.details["office"]).first()
    person = _person(proposal.details["person"])
    return [Line(in_language(office.title, lang) if office else proposal.details["office"], "", str(person) if person else "")]


def _person(raw: Any) -> Person | None:
    try:
        return Person.objects.filter(pk=UUID(str(raw)), erased_at=None).first()
    except ValueError:
        return None


register(Kind("elect", gettext_lazy("Elect someone to an office"), prepare, effect, lines, form=Form, subject="officers",
              help=gettext_lazy("One office, one candidate: for or against.")))  # fmt: skip

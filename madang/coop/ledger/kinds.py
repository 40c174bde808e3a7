"""Let an examiner see: a decision that opens the whole book, with names, to somebody for a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from madang.coop.decisions import ways
from madang.coop.decisions.kinds import base
from madang.coop.decisions.kinds.base import Change, Kind, Line, Prepared, register
from madang.coop.decisions.models import Proposal
from madang.coop.ledger.inspection.actions import name_examiner
from madang.coop.members import queries as members
from madang.coop.members.offices import months_later
from madang.coop.people.models import Organisation, Person
from madang.kit.errors import Refused

LONGEST = 12


class Form(base.Form):
    """Who, and for how long: a member, or somebody else who has signed in here once."""

    person = forms.ChoiceField(label=gettext_lazy("A member"), required=False, help_text=gettext_lazy("Ask them first whether they want to."))
    email = forms.EmailField(
        label=gettext_lazy("Or somebody else, by their address here"), required=False, max_length=254,
        help_text=gettext_lazy("An accountant from outside, say. They sign in here once before you propose them."),
    )  # fmt: skip
    months = forms.IntegerField(label=gettext_lazy("For how many months"), min_value=1, max_value=LONGEST, initial=3)

    def prepare(self) -> None:
        """The members whose names are shown."""
        shown = members.shown_people(self.now, [self.viewer.pk, (self.initial or {}).get("person")]) if self.insider else ()
        self.names("person", [(str(one.pk), str(one)) for one in shown])


def prepare(changes: Sequence[Change], details: dict[str, Any], org: Organisation | None, now: datetime) -> Prepared:
    """Raises ``Refused``: "other-scope", "nobody" (no such person here), "months"."""
    if org is not None:
        raise Refused("other-scope", _("The books are the whole co-op's: propose this to all members, not inside one organisation."), "person")
    person = _person(details.get("person")) or _by_address(str(details.get("email") or ""))
    if person is None:
        raise Refused("nobody", _("Choose a member, or give the address somebody signs in with here."), "person")
    months = details.get("months")
    if isinstance(months, bool) or not isinstance(months, int) or not 1 <= months <= LONGEST:
        raise Refused("months", _("Between 1 and {n} months, please.").format(n=LONGEST), "months")
    return Prepared([], {"person": str(person.pk), "months": months}, ways.name_for(("resolution", "policy"), now))


def effect(proposal: Proposal, now: datetime) -> list[str]:
    """From now on, for so many months. Raises ``Refused`` for somebody who is no longer here."""
    person = _person(proposal.details["person"])
    if person is None:
        raise Refused("nobody", _("This person is no longer here."))
    name_examiner(person, until=months_later(now, proposal.details["months"]), decision_id=proposal.pk, now=now)
    return []


def lines(proposal: Proposal, lang: str) -> list[Line]:
    """Who, and for how long."""
    if not proposal.details:
        return []
    person, months = _person(proposal.details["person"]), proposal.details["months"]
    said = ngettext("sees the whole book, with names, for %(n)s month", "sees the whole book, with names, for %(n)s months", months) % {"n": months}
    return [Line(str(person) if person else "", "", said)]


def _person(raw: Any) -> Person | None:
    try:
        return Person.objects.filter(pk=UUID(str(raw)), erased_at=None).first()
    except ValueError:
        return None


def _by_address(address: str) -> Person | None:
    return Person.objects.filter(email__iexact=address.strip(), erased_at=None).first() if address.strip() else None


register(Kind("examiner", gettext_lazy("Let an examiner see the books"), prepare, effect, lines, form=Form,
              help=gettext_lazy("One person sees every line of the books, with names, for a time.")))  # fmt: skip

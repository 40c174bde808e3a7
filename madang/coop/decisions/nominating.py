"""Pages of standing for election: who was named, to say yes or no, to name somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from madang.coop.decisions import actions, queries, states
from madang.coop.decisions.models import Proposal
from madang.coop.decisions.standing import STATEMENT_MAX, Nomination
from madang.coop.members import queries as members
from madang.coop.people.access import signed_in
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused


class Stand(forms.Form):
    """What somebody who stands says of themselves."""

    statement = forms.CharField(
        label=pgettext_lazy("election", "What you want others to know"),
        required=False,
        max_length=STATEMENT_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Who you are and what you want to do in this office. All members read it, on the ballot too."),
    )


class Name(forms.Form):
    """Another member who could do it."""

    person = forms.ChoiceField(label=pgettext_lazy("election", "Name somebody"), help_text=gettext_lazy("They are asked, and stand only if they say yes."))

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", "—"), *((str(one.pk), str(one)) for one in people)]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Standing:
    """What an insider sees: those who stand, those who were asked, and the forms while it is open."""

    stand: list[Nomination]
    asked: list[Nomination]
    mine: Nomination | None
    open: bool
    form: Stand
    name: Name


def shown(one: Proposal, person: Any, now: datetime, lang: str) -> Standing:
    """The part of an election's page about who stands. Four queries."""
    rows = list(Nomination.objects.filter(proposal=one).select_related("person"))
    mine = next((row for row in rows if row.person_id == getattr(person, "pk", None)), None)
    is_open = one.state == states.DISCUSSION and one.opens_at is not None and now < one.opens_at
    people = [other for other in members.shown_people(now, [person.pk]) if other.pk not in {row.person_id for row in rows}] if is_open else []
    form = Stand(initial={"statement": mine.statement if mine else ""})
    waiting = [row for row in rows if row.stands_since is None and row.declined_at is None]
    return Standing([row for row in rows if row.stands_since is not None], waiting, mine, is_open, form, Name(people=people))


def _done(request: HttpRequest, id: UUID, what: Any) -> HttpResponse:
    one = queries.visible(id, request.user)
    try:
        messages.success(request, what(one))
    except Refused as no:
        messages.error(request, str(no.message))
    return HttpResponseRedirect(reverse("decisions:decision", args=[one.pk]) + "#standing")


@require_POST
@signed_in
def stand(request: HttpRequest, id: UUID) -> HttpResponse:
    """Yes, I stand; or a new statement."""

    def act(one: Proposal) -> str:
        actions.stand(one, request.user, request.POST.get("statement", ""), now=request.now)  # type: ignore[attr-defined]
        return _("You stand for election. You can change what you say, or step down, until voting opens.")

    return _done(request, id, act)


@require_POST
@signed_in
def step_down(request: HttpRequest, id: UUID) -> HttpResponse:
    """No, or no longer."""

    def act(one: Proposal) -> str:
        actions.step_down(one, request.user, now=request.now)  # type: ignore[attr-defined]
        return _("You do not stand.")

    return _done(request, id, act)


@require_POST
@signed_in
def nominate(request: HttpRequest, id: UUID) -> HttpResponse:
    """Name somebody else."""

    def act(one: Proposal) -> str:
        try:
            person = Person.objects.filter(pk=UUID(request.POST.get("person", "")), erased_at=None).first()
        except ValueError:
            person = None
        if person is None:
            raise Refused("person", _("Choose somebody."), "person")
        if not queries.is_insider(one, request.user, request.now):  # type: ignore[attr-defined]
            raise Missing("not your decision")
        actions.nominate(one, person, request.user, now=request.now)  # type: ignore[attr-defined]
        return _("They are asked now. They stand if they say yes.")

    return _done(request, id, act)


def api(one: Proposal) -> list[dict[str, Any]]:
    """Who was named, for members: with what they say."""
    rows = Nomination.objects.filter(proposal=one).select_related("person")
    said = {"stands": "stands_since", "declined": "declined_at"}
    return [
        {"person": row.person_id, "name": str(row.person), "statement": row.statement, **{key: getattr(row, name) is not None for key, name in said.items()}}
        for row in rows
    ]

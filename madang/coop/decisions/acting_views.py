"""Who votes for me: the page where one delegates, accepts, takes back, and gives a proxy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from madang.coop import law, rules
from madang.coop.decisions import delegations, kinds, proxies
from madang.coop.decisions.delegations import EVERYTHING, Delegation
from madang.coop.members import queries as members
from madang.coop.members.access import member_only
from madang.coop.people.access import signed_in
from madang.coop.people.models import Person
from madang.coop.rules import reading
from madang.kit.errors import Missing, Refused


def topic_names() -> dict[str, str]:
    """What can be delegated apart: everything, each kind of decision, each group of rules."""
    groups: dict[str, list[str]] = {}
    for rule in rules.all_rules():
        groups.setdefault(rule.key.split(".")[0], []).append(reading.group(rule))
    named = {f"rules:{prefix}": _("Rules: {names}").format(names=", ".join(dict.fromkeys(titles))) for prefix, titles in groups.items()}
    return {EVERYTHING: _("Everything"), **{f"kind:{one.key}": str(one.title) for one in kinds.all_kinds()}, **named}


class Whom(forms.Form):
    """Another member, and until which day."""

    holder = forms.ChoiceField(label=gettext_lazy("Who"))
    until = forms.DateField(label=gettext_lazy("Until the end of"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args: Any, person: Person, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(one.pk): one for one in members.shown_people(now) if one.pk != person.pk}
        self.fields["holder"].choices = [("", "—"), *((pk, str(one)) for pk, one in self.known.items())]  # type: ignore[attr-defined]
        self.fields["until"].initial = (timezone.localtime(now) + timedelta(days=28)).date()

    def chosen(self) -> Person:
        """Whom."""
        return self.known[self.cleaned_data["holder"]]

    def end(self) -> datetime:
        """The end of the day, where the reader is."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["until"] + timedelta(days=1), time.min))


class Trust(Whom):
    """A delegation."""

    topic = forms.ChoiceField(label=gettext_lazy("In what"), required=False, help_text=gettext_lazy("The most specific one counts."))
    field_order = ("topic", "holder", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = list(topic_names().items())  # type: ignore[attr-defined]


class Written(Whom):
    """A proxy."""

    words = forms.CharField(
        label=gettext_lazy("What they shall say or vote"), max_length=proxies.WORDS_MAX, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


@dataclass(frozen=True)
class Line:
    """A delegation as its giver or holder reads it."""

    one: Delegation
    topic: str
    back: bool


def _page(request: HttpRequest, *, status: int = 200, **forms_: Any) -> HttpResponse:
    now, person = request.now, request.user  # type: ignore[attr-defined]
    assert isinstance(person, Person)
    names = topic_names()
    rows = list(delegations.standing(now).filter(ended_at=None))
    lines = [Line(one, names.get(one.topic, one.topic), leads_back(one, rows)) for one in rows]
    bound = law.profile().bound("vote.delegation", now)
    given = proxies.given_at(now).filter(taken_back_at=None)
    context = {
        "given": [line for line in lines if line.one.giver.person_id == person.pk],
        "asked": [line for line in lines if line.one.holder_id == person.pk and line.one.accepted_at is None],
        "carried": [line for line in lines if line.one.holder_id == person.pk and line.one.accepted_at is not None],
        "forbidden": bound if bound.value is False and not bound.guidance else None,
        "ways": delegations.allowing(now),
        "trust": Trust(person=person, now=now),
        "written": Written(person=person, now=now),
        "proxies_given": [one for one in given if one.giver.person_id == person.pk],
        "proxies_held": [one for one in given if one.holder_id == person.pk],
        "most": proxies.limit(now),
        "most_law": law.profile().bound("vote.proxies_per_person", now),
        "votes": delegations.own_membership(person, now) is not None,
        **forms_,
    }
    return render(request, "decisions/acting.html", context, status=status)


def leads_back(one: Delegation, rows: list[Delegation]) -> bool:
    """Whether following these delegations, each person's in the same topic or else in everything, leads from its holder back to its giver."""
    to: dict[Any, Any] = {}
    for row in sorted(rows, key=lambda row: row.topic == one.topic):
        if row.topic in (one.topic, EVERYTHING) and row.accepted_at is not None:
            to[row.giver.person_id] = row.holder_id
    at: Any = one.holder_id
    seen = set()
    while at is not None and at not in seen:
        if at == one.giver.person_id:
            return True
        seen.add(at)
        at = to.get(at)
    return False


@require_safe
@member_only
def page(request: HttpRequest) -> HttpResponse:
    """Who votes for me, for whom I vote."""
    return _page(request)


@require_POST
@member_only
def trust(request: HttpRequest) -> HttpResponse:
    """Ask somebody to carry one's vote."""
    form = Trust(request.POST, person=request.user, now=request.now)  # type: ignore[arg-type,attr-defined]
    return _try(request, "trust", form, lambda: delegations.give(
        request.user, form.chosen(), form.cleaned_data["topic"], until=form.end(), now=request.now,  # type: ignore[arg-type,attr-defined]
    ), _("They are asked. Your vote is carried once they accept."))  # fmt: skip


@require_POST
@member_only
def write(request: HttpRequest) -> HttpResponse:
    """Give a proxy."""
    form, now = Written(request.POST, person=request.user, now=request.now), request.now  # type: ignore[arg-type,attr-defined]

    def do() -> None:
        own = delegations.own_membership(request.user, now)  # type: ignore[arg-type]
        if own is None:
            raise Refused("no-vote", _("Only a member with a vote can be acted for."))
        proxies.given(own, form.chosen(), by=request.user, until=form.end(), words=form.cleaned_data["words"], now=now)  # type: ignore[arg-type]

    return _try(request, "written", form, do, _("They may act for you now, and have been told."))


def _try(request: HttpRequest, name: str, form: Whom, do: Callable[[], Any], said: str) -> HttpResponse:
    """Do it, or show the form again with what was typed and why not."""
    if form.is_valid():
        try:
            do()
            messages.success(request, said)
            return HttpResponseRedirect(reverse("decisions:acting"))
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    return _page(request, status=422, **{name: form})


@require_POST
@signed_in
def answer(request: HttpRequest, id: UUID) -> HttpResponse:
    """Accept, decline, give up or take back; of a delegation or a proxy, whichever has this id."""
    now, person = request.now, request.user  # type: ignore[attr-defined]
    assert isinstance(person, Person)
    try:
        if request.POST.get("do") == "accept":
            delegations.accept(id, person, now=now)
            messages.success(request, _("You carry this vote now. Cast your own ballot, and theirs follows at the close."))
        else:
            try:
                delegations.end(id, person, now=now)
            except Missing:
                proxies.take_back(id, person, now=now)
            messages.success(request, _("It is over."))
    except Refused as no:
        messages.error(request, str(no.message))
    return HttpResponseRedirect(reverse("decisions:acting"))

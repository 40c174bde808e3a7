"""The chair's page: who is there, what is put, what was counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.coop.decisions import options
from madang.coop.decisions import states as course
from madang.coop.meetings import actions, forms, holding, presence, queries, states
from madang.coop.meetings.models import Meeting
from madang.coop.members import queries as members
from madang.coop.members.access import member_only
from madang.coop.members.models import MemberClass
from madang.coop.people.access import Request
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.kit.ruletypes.text import in_language


@require_http_methods(["GET", "HEAD", "POST"])
@member_only
def chair(request: Request, id: UUID) -> HttpResponse:
    """Lead through an open meeting."""
    one = queries.visible(id, request.user, request.now)
    if one.state != states.OPEN:
        return redirect("meetings:minutes" if one.state == states.CLOSED else "meetings:meeting", one.pk)
    presence.require_chair(one, request.user)
    if request.method == "POST":
        return _step(request, one)
    return render(request, "meetings/chair.html", _context(request, one))


def _context(request: Request, one: Meeting) -> dict[str, Any]:
    found, rows = queries.picture(one, request.now), queries.door(one, request.now)
    here = list({row.there.person_id: row.there.person for row in rows if row.there is not None and row.there.how != "proxy"}.values())
    away = [row for row in rows if row.there is None]
    point = found.now
    motion = point.motion if point is not None and point.state == "open" else None
    people = [(str(person.pk), str(person)) for person in members.shown_people(request.now)]
    return {
        "one": one, "found": found, "point": point, "rows": rows, "here": here, "hands": _hands(motion) if motion is not None else [],
        "paper": forms.OnPaper(givers=[(str(row.voter.membership.pk), row.name) for row in away], holders=people),
        "signers": {signer.person_id for signer in one.signers.all()}, "wanted": holding.signers_needed(request.now),
        "outcomes": {found_point.item.pk: queries.said(found_point) for found_point in found.points},
        "others": [person for person in here if person.pk != request.user.pk],
    }  # fmt: skip


def _hands(motion: Any) -> list[dict[str, Any]]:
    """A line for each class that votes: what it is called, how many are there, what was typed in so far. None where options are voted on."""
    if options.of(motion) is not None:
        return []
    titles = {one.key: in_language(one.title, get_language() or "en") for one in MemberClass.objects.all()}
    typed = {row.class_key: row for row in motion.hands.all()}
    classes = motion.electorate["classes"]
    return [{"key": key, "title": titles.get(key, key) if len(classes) > 1 else "", "there": many, "typed": typed.get(key)} for key, many in classes.items()]


@require_safe
@member_only
def pulse(request: Request, id: UUID) -> HttpResponse:
    """The line that moves on the chair's page: how many are there, how many have voted; nothing (204) where it has not moved since ``tag``."""
    one = queries.visible(id, request.user, request.now)
    found = queries.picture(one, request.now)
    if request.GET.get("tag") == found.tag:
        return HttpResponse(status=204)
    return render(request, "meetings/_pulse.html", {"one": one, "found": found, "moved": True})


def _step(request: Request, one: Meeting) -> HttpResponse:
    """Do what the chair pressed, and show the page again where they were."""
    data, person, now = request.POST, request.user, request.now
    what, item = data.get("do", ""), data.get("item", "")
    steps: dict[str, Callable[[], Any]] = {
        "tick": lambda: actions.tick(one, person, data.getlist("membership"), now=now),
        "gone": lambda: actions.leave(one, _person(data.get("person", "")), by=person, now=now),
        "paper": lambda: actions.tick_proxy(one, person, data.get("giver", ""), _person(data.get("holder", "")), family="family" in data, now=now),
        "begin": lambda: actions.begin(item, person, now=now),
        "put": lambda: actions.put(item, person, now=now),
        "hands": lambda: actions.hands(item, person, _raised(data), now=now),
        "count": lambda: _count(data, item, person, now),
        "break": lambda: actions.break_off(item, person, data.get("why", "")[:500], now=now),
        "chair": lambda: actions.hand_over(one, person, _person(data.get("person", "")), now=now),
        "signers": lambda: actions.choose_signers(one, person, [_person(pk) for pk in data.getlist("person")], now=now),
        "close": lambda: actions.close(one, person, now=now),
    }
    try:
        if what in steps:
            steps[what]()
    except Refused as no:
        messages.error(request, str(no.message))
    if what == "close" and Meeting.objects.filter(pk=one.pk, state=states.CLOSED).exists():
        return redirect("meetings:minutes", one.pk)
    if what == "chair" and Meeting.objects.exclude(chair=person).filter(pk=one.pk).exists():
        return redirect("meetings:meeting", one.pk)
    where = {"tick": "#door", "gone": "#door", "paper": "#door", "signers": "#end", "close": "#end", "chair": "#end"}.get(what, "#now")
    return redirect(reverse("meetings:chair", args=[one.pk]) + where)


def _count(data: Any, item: str, person: Person, now: Any) -> None:
    """Count; with figures typed into the same form, those hands first."""
    if any(name.startswith(("for.", "against.", "abstain.")) and data[name].strip() for name in data):
        actions.hands(item, person, _raised(data), now=now)
    actions.count(item, person, now=now)


def _raised(data: Any) -> dict[str, tuple[int, int, int]]:
    """What was typed: for, against and abstaining by class; an empty field is nobody. Raises ``Refused("hands")`` for what is no number."""
    keys = {name.partition(".")[2] for name in data if name.startswith(("for.", "against.", "abstain."))}
    found: dict[str, tuple[int, int, int]] = {}
    for key in keys:
        typed = [data.get(f"{choice}.{key}", "").strip() or "0" for choice in course.CHOICES]
        if not all(one.isascii() and one.isdigit() and len(one) < 7 for one in typed):
            raise Refused("hands", _("Type how many hands you counted, in figures."))
        found[key] = (int(typed[0]), int(typed[1]), int(typed[2]))
    return found


def _person(raw: str) -> Person:
    try:
        return Person.objects.get(pk=UUID(raw))
    except (ValueError, Person.DoesNotExist):
        raise Missing("no such person") from None

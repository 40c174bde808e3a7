"""Pages of meetings: the list, calling one, the telephone, the wall, the minutes. Members only."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import qrcode
from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from qrcode.image.svg import SvgPathImage

from madang.coop import law
from madang.coop.decisions import actions as decisions
from madang.coop.decisions import proxies
from madang.coop.law import rations
from madang.coop.meetings import actions, calendar, calling, code, forms, holding, minutes, queries, rules, states
from madang.coop.meetings.models import Meeting
from madang.coop.members.access import member_only
from madang.coop.people.access import Request
from madang.kit.errors import Refused
from madang.kit.ration import Ration

A_PAGE = 20
GUESSES = Ration(10)
"""Codes a person may try in a minute."""


@require_safe
@member_only
def index(request: Request) -> HttpResponse:
    """Which meetings are ahead, which were held."""
    law.coop()
    page = Paginator(queries.past(), A_PAGE).get_page(request.GET.get("page"))
    ahead = queries.upcoming(request.user, request.now)
    return render(request, "meetings/list.html", {"ahead": ahead, "page": page, "may_call": calling.may_call(request.user, request.now)})


@require_http_methods(["GET", "HEAD", "POST"])
@member_only
def new(request: Request, id: UUID | None = None) -> HttpResponse:
    """Write a meeting, or change a draft."""
    calling.require_may_call(request.user, request.now)
    there = queries.visible(id, request.user, request.now) if id else None
    initial = forms.Call.of(there) if there else {"key": uuid4(), "title": _("General meeting")}
    form = forms.Call(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.draft(
                request.user, said["title"], starts_at=form.starts_at(), place=said["place"], online=said["online"], id=id or said["key"], now=request.now
            )
            return redirect("meetings:meeting", made.pk)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    context = {"form": form, "meeting": there, "earliest": calling.earliest(request.now), "days": rules.notice(request.now)}
    return render(request, "meetings/new.html", context, status=422 if form.errors else 200)


@require_safe
@member_only
def meeting(request: Request, id: UUID) -> HttpResponse:
    """One meeting: its agenda before, my telephone during it, what it decided after."""
    return _page(request, queries.visible(id, request.user, request.now))


def _page(request: Request, one: Meeting, *, status: int = 200, **bound: Any) -> HttpResponse:
    now, person = request.now, request.user
    found = queries.picture(one, now)
    may_call = calling.may_call(person, now)
    context: dict[str, Any] = {"one": one, "found": found, "may_call": may_call, "drafting": one.state == states.DRAFT and may_call, **_outcomes(found)}
    if one.state == states.DRAFT:
        waiting = queries.for_agenda(one, person, now)
        context |= {"talk": forms.Talk(), "motion": forms.Motion(), "waiting": waiting, "earliest": calling.earliest(now), "days": rules.notice(now)}
    if one.state in (states.DRAFT, states.CALLED):
        context["cancel"] = forms.Why()
    if one.state == states.CALLED:
        context |= {"proxies_most": proxies.limit(now), "can_open": may_call and now >= one.starts_at - holding.BEFORE}
    if one.state == states.OPEN:
        own = queries.mine(found, person, now)
        context |= {"mine": own, "tag": _tag(found, own), "code": forms.Code(initial={"code": request.GET.get("code", "")[:12]})}
    return render(request, "meetings/meeting.html", context | bound, status=status)


def _outcomes(found: queries.Picture) -> dict[str, Any]:
    return {"outcomes": {point.item.pk: queries.said(point) for point in found.points}}


@require_safe
@member_only
def live(request: Request, id: UUID) -> HttpResponse:
    """What moves on the telephone, while it does: nothing (204) where nothing has changed since ``tag``."""
    one = queries.visible(id, request.user, request.now)
    found = queries.picture(one, request.now)
    own = queries.mine(found, request.user, request.now) if one.state == states.OPEN else None
    if request.GET.get("tag") == _tag(found, own):
        return HttpResponse(status=204)
    if one.state != states.OPEN:  # it is over: the whole page is another one
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "meetings/_live.html", {"one": one, "found": found, "mine": own, "tag": _tag(found, own), **_outcomes(found)})


def _tag(found: queries.Picture, own: queries.Mine | None) -> str:
    return f"{found.tag}.{'here' if own and own.there else ''}"


@require_POST
@member_only
def agenda(request: Request, id: UUID) -> HttpResponse:
    """Put together the agenda of a draft, send the notice, call it off, open the doors."""
    one, now, person = queries.visible(id, request.user, request.now), request.now, request.user
    what, item = request.POST.get("do", ""), request.POST.get("item", "")
    form: django_forms.Form | None = None
    if what in ("talk", "motion", "cancel"):
        form = {"talk": forms.Talk, "motion": forms.Motion, "cancel": forms.Why}[what](request.POST)
        if not form.is_valid() and not (what == "cancel" and one.state == states.DRAFT):
            return _page(request, one, status=422, **{what: form})
    said = form.cleaned_data if form is not None else {}
    steps: dict[str, Callable[[], Any]] = {
        "talk": lambda: actions.add(one, person, said["title"], said["text"], now=now),
        "motion": lambda: actions.move(one, person, title=said["title"], text=said["text"], now=now),
        "proposal": lambda: [actions.add(one, person, "", proposal=pk, now=now) for pk in request.POST.getlist("proposal")],
        "up": lambda: actions.up(item, person, now=now),
        "off": lambda: actions.take_off(item, person, now=now),
        "call": lambda: actions.call(one, person, now=now),
        "cancel": lambda: actions.cancel(one, person, said.get("why", ""), now=now),
        "open": lambda: actions.open_meeting(one, person, now=now),
    }
    try:
        if what in steps:
            steps[what]()
    except Refused as no:
        if form is not None:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
            return _page(request, one, status=422, **{what: form})
        messages.error(request, str(no.message))
    if what == "open":
        return redirect("meetings:chair", one.pk)
    return redirect(reverse("meetings:meeting", args=[one.pk]) + ("#agenda" if what in ("talk", "motion", "proposal", "up", "off") else ""))


@require_POST
@member_only
def come(request: Request, id: UUID) -> HttpResponse:
    """Check in, or leave."""
    one = queries.visible(id, request.user, request.now)
    if request.POST.get("do") == "leave":
        actions.leave(one, request.user, now=request.now)
        messages.info(request, _("You have left. Come back with the code on the wall."))
        return redirect("meetings:meeting", one.pk)
    rations.require(GUESSES, request)
    form = forms.Code(request.POST)
    if form.is_valid():
        try:
            actions.come(one, request.user, form.cleaned_data["code"], now=request.now)
            messages.success(request, _("You are there. Motions appear here by themselves."))
            return redirect("meetings:meeting", one.pk)
        except Refused as no:
            form.add_error("code" if no.field == "code" else None, str(no.message))
    return _page(request, queries.visible(id, request.user, request.now), status=422, code=form)


@require_POST
@member_only
def vote(request: Request, id: UUID) -> HttpResponse:
    """Cast my ballot on the motion that is open; with the telephone's script only the part that moves comes back."""
    one = queries.visible(id, request.user, request.now)
    try:
        if one.current is not None and one.current.proposal is not None:
            elector = request.POST.get("elector") or None
            decisions.cast(one.current.proposal, request.user, request.POST.get("choice", ""), elector=elector, now=request.now)
    except Refused as no:
        messages.error(request, str(no.message))
    if request.headers.get("HX-Request"):
        found = queries.picture(one, request.now)
        own = queries.mine(found, request.user, request.now)
        more = {"mine": own, "tag": _tag(found, own), "told": messages.get_messages(request)}
        return render(request, "meetings/_live.html", {"one": one, "found": found, **more, **_outcomes(found)})
    return redirect("meetings:meeting", one.pk)


@require_safe
@member_only
def screen(request: Request, id: UUID) -> HttpResponse:
    """The wall of the room, in large letters. With ``tag``: only what moves, and nothing (204) where nothing has changed."""
    one = queries.visible(id, request.user, request.now)
    found = queries.picture(one, request.now)
    shown = code.shown(one.secret, request.now) if one.state == states.OPEN else ""
    tag = f"{found.tag}.{shown}"
    if request.GET.get("tag") == tag:
        return HttpResponse(status=204)
    now = found.now
    context = {
        "one": one, "found": found, "code": shown, "tag": tag, "now": now, "said": queries.said(now) if now else "",
        "square": _square(request, one, shown) if shown else "", "host": request.get_host(), **_outcomes(found),
    }  # fmt: skip
    return render(request, "meetings/_screen.html" if "tag" in request.GET else "meetings/screen.html", context)


def _square(request: Request, one: Meeting, shown: str) -> str:
    """The address with the code in it, as a square that a telephone reads: a data address of an SVG picture."""
    address = request.build_absolute_uri(reverse("meetings:meeting", args=[one.pk]) + f"?code={shown}")
    drawn = qrcode.make(address, image_factory=SvgPathImage, border=2).to_string(encoding="utf-8")
    return "data:image/svg+xml;base64," + b64encode(drawn).decode()


@require_http_methods(["GET", "HEAD", "POST"])
@member_only
def told(request: Request, id: UUID) -> HttpResponse:
    """The minutes: read, add words, sign."""
    one = queries.visible(id, request.user, request.now)
    if one.opened_at is None:
        return redirect("meetings:meeting", one.pk)
    form = forms.Words(request.POST if request.POST.get("do") == "write" else None, initial={"words": one.words})
    if request.method == "POST":
        try:
            if request.POST.get("do") == "sign":
                actions.sign(one, request.user, request.POST.get("digest", ""), now=request.now)
                messages.success(request, _("You have signed the minutes."))
                return redirect("meetings:minutes", one.pk)
            if form.is_valid():
                actions.write(one, request.user, form.cleaned_data["words"], now=request.now)
                return redirect("meetings:minutes", one.pk)
        except Refused as no:
            if form.is_bound:
                form.add_error("words" if no.field == "words" else None, str(no.message))
            else:
                messages.error(request, str(no.message))
                return redirect("meetings:minutes", one.pk)
    context = _minutes(one) | {
        "form": form, "mine": one.signers.filter(person=request.user, signed_at=None).exists(), "signed": minutes.signed(one),
        "writes": one.chair_id == request.user.pk and not one.signers.exclude(signed_at=None).exists(),
    }  # fmt: skip
    return render(request, "meetings/minutes.html", context, status=422 if form.errors else 200)


def _minutes(one: Meeting) -> dict[str, Any]:
    points = queries.points(one)
    return {"one": one, "told": minutes.read(one), "points": points, "outcomes": {point.item.pk: queries.said(point) for point in points}}


@require_safe
@member_only
def told_text(request: Request, id: UUID) -> HttpResponse:
    """The minutes as Markdown."""
    one = queries.visible(id, request.user, request.now)
    if one.opened_at is None:
        return redirect("meetings:meeting", one.pk)
    answer = render(request, "meetings/minutes.md", _minutes(one), content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="minutes-{one.starts_at:%Y-%m-%d}.md"'
    return answer


@require_safe
@member_only
def ics(request: Request, id: UUID) -> HttpResponse:
    """One meeting for one's own calendar."""
    one = queries.visible(id, request.user, request.now)
    body = calendar.of(one, get_language() or "en", request.now)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers={"Content-Disposition": 'inline; filename="meeting.ics"'})

"""Pages about decisions: what are we deciding, one decision with its ballot, and the small steps. Reading is open to everyone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madang.coop import law
from madang.coop.decisions import (
    actions,
    amending,
    articles,
    back,
    bodies,
    carried,
    counted,
    delegated,
    discussing,
    forms,
    kinds,
    marking,
    meeting,
    nominating,
    objecting,
    options,
    panels,
    queries,
    review,
    showing,
    states,
    vetoing,
    ways,
)
from madang.coop.decisions.drafting import dry_run_in
from madang.coop.decisions.kinds.base import Options
from madang.coop.decisions.models import Proposal
from madang.coop.decisions.rules import WAY
from madang.coop.people.access import signed_in
from madang.coop.people.models import Person
from madang.kit.errors import Refused

A_PAGE = 20


def language() -> str:
    """The reader's language."""
    return translation.get_language() or "en"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What are we deciding: what waits for my ballot, what is open, what is over."""
    law.coop()
    page = Paginator(queries.over(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "decisions/list.html", {"board": queries.board(request.user, request.now), "page": page})  # type: ignore[attr-defined]


@require_safe
def decision(request: HttpRequest, id: UUID) -> HttpResponse:
    """One decision."""
    return page(request, queries.visible(id, request.user))


def page(request: HttpRequest, one: Proposal, *, status: int = 200, **bound: Any) -> HttpResponse:
    """The page of a decision; ``bound`` are forms that come back with what was typed."""
    lang, now, user = language(), request.now, request.user  # type: ignore[attr-defined]
    insider = queries.is_insider(one, user, now)
    kind = kinds.get(one.kind)
    way = ways.parse(one.way)
    voting = one.state == states.VOTING and one.closes_at is not None and now < one.closes_at
    asked = options.of(one)
    if asked and not insider and one.kind in showing.PRIVATE_KINDS:
        asked = showing.unnamed(asked)
    votes = _papers(asked, queries.my_votes(one, user, now), bound.pop("typed", None)) if voting else []
    context = {
        "one": one,
        "kind": kind,
        "insider": insider,
        "mine": user.is_authenticated and one.author_id == user.pk,
        "author": queries.author_name(one, insider),
        "lines": kind.lines(one, lang) if insider or one.kind not in showing.PRIVATE_KINDS else [],
        "own": kind.own(one, user, lang) if kind.own and isinstance(user, Person) else [],
        "picture": kind.picture(one, lang) if kind.picture else None,
        "dry_run": dry_run_in(one.dry_run, lang),
        "way": way,
        "way_title": ways.title(one.way, one.way_name, lang),
        "way_lines": [text for _label, text in WAY.lines(way, lang)],
        "course": showing.course(one),
        "voting": voting,
        "votes": votes,
        "why_no_vote": queries.why_no_vote(one, user, now) if voting and not votes else "",
        "so_far": counted.so_far(one, asked) if voting and insider else None,
        "turnout": queries.turnout(one) if voting else None,
        "asked": asked,
        "count": counted.told(one, asked) if asked and one.tally is not None else None,
        "results": showing.results(one, lang) if asked is None else [],
        "body": "" if one.at_meeting else bodies.notice(one.kind, one.created_at, one.details),
        "may_wait": one.author_id == getattr(user, "pk", "") and meeting.may_wait(one),
        "difference": articles.shown(one),
        "panel": panels.shown(one, user, now, lang, insider=insider),
        "delegated": delegated.told(one, user, voting=voting),
        "carried": carried.told(one, lang),
        "reasons": showing.reasons(one, lang, insider=insider),
        "sentence": queries.told(one, lang, now) if one.tally is not None else "",
        "amendments": (amendments := amending.listed(one, user, lang) if insider and kind.amends else []),
        "amending": any(row.state == "voting" for row in amendments),
        "may_amend": insider and kind.amends and one.state == states.DISCUSSION and one.back_of is None and one.meeting is None,
        "talk": discussing.threads(one) if insider else None,
        "may_comment": insider and one.state in states.OPEN,
        "supports": one.supports.count() if way.support and one.state == states.DISCUSSION else 0,
        "supported": isinstance(user, Person) and one.state == states.DISCUSSION and one.supports.filter(person=user).exists(),
        "may_withdraw": queries.may_withdraw(one, user, now),
        "undo_url": undo_url(one) if insider and one.state == states.IN_FORCE else "",
        "stands": nominating.shown(one, user, now, lang) if insider and one.kind == "election" else None,
        "objections": objecting.of(one) if insider and way.objections else [],
        "veto_until": vetoing.until(one, now),
        "may_veto": isinstance(user, Person) and vetoing.may(one, user, now),
        "back_until": back.until(one, now) if insider else None,
        "back_of": one.back_of,
        "to_keep": isinstance(user, Person) and one.review_asked_at is not None and one.state == states.IN_FORCE and user in review.who(one, now),
        "say": forms.Say(),
        "take_back": forms.TakeBack(),
        "proofs": [(showing.on_record(kind), url) for kind, url in queries.proofs(one)],
        "zone": timezone.get_current_timezone_name(),
        **bound,
    }
    return render(request, "decisions/decision.html", context, status=status)


def _papers(asked: Options | None, votes: list[queries.MyVote], typed: Any) -> list[queries.MyVote]:
    """Each vote with its ballot, where there is more to it than yes or no; what could not be taken stays as it was typed."""
    if asked is None:
        return votes
    named = "" if typed is None else typed.get("elector", "") or (str(votes[0].elector.pk) if len(votes) == 1 else "")
    return [replace(one, paper=marking.paper(asked, one.marks, typed if str(one.elector.pk) == named else None)) for one in votes]


def undo_url(one: Proposal) -> str:
    """Where the inverse of a decision is proposed; empty when there is none."""
    if not one.inverse or kinds.get(one.kind).rules:  # a whole text fits into no address; going back is offered on its page
        return ""
    query: list[tuple[str, str]] = [("org", one.scope)] if one.org_id else []
    for change in one.inverse:
        query += [("rule", change["rule"]), ("value", json.dumps(change["value"], ensure_ascii=False, separators=(",", ":")))]
    return f"{reverse('decisions:new')}?{urlencode(query)}"


def _back(id: UUID, part: str = "") -> HttpResponse:
    return HttpResponseRedirect(reverse("decisions:decision", args=[id]) + (f"#{part}" if part else ""))


@require_POST
@signed_in
def vote(request: HttpRequest, id: UUID) -> HttpResponse:
    """Cast or change a ballot: one tap; among options, what is marked."""
    one = queries.visible(id, request.user)
    form, asked = forms.Ballot(request.POST), options.of(one)
    try:
        if not form.is_valid():
            raise Refused("choice", _("Choose for, against or abstain."), "choice")
        choice = form.cleaned_data["choice"]
        marks = marking.from_form(asked, request.POST) if asked and choice == states.MARKED else None
        actions.cast(one, request.user, choice, marks=marks, elector=form.cleaned_data["elector"], reason=form.cleaned_data["objection"], now=request.now)  # type: ignore[arg-type,attr-defined]
    except Refused as no:
        if no.code == "marks":
            return page(request, one, status=422, typed=request.POST, wrong=str(no.message))
        if no.code == "objection":
            return page(request, one, status=422, objection=request.POST.get("objection", ""), objection_wrong=str(no.message))
        messages.error(request, str(no.message))
        return _back(id, "ballot")
    messages.success(request, _("Your ballot is in. You can change it until voting closes."))
    return _back(id, "ballot")


@require_POST
@signed_in
def at_meeting(request: HttpRequest, id: UUID) -> HttpResponse:
    """Let one's own proposal wait for a general meeting."""
    try:
        meeting.wait(queries.visible(id, request.user), request.user, now=request.now)  # type: ignore[arg-type,attr-defined]
        messages.success(request, _("It waits for a general meeting now. Whoever calls the next one finds it there."))
    except Refused as no:
        messages.error(request, str(no.message))
    return _back(id)


@require_POST
@signed_in
def comment(request: HttpRequest, id: UUID) -> HttpResponse:
    """Say something; what was typed comes back when it cannot be taken."""
    one = queries.visible(id, request.user)
    form = forms.Say(request.POST)
    if form.is_valid():
        try:
            said = actions.comment(one, request.user, form.cleaned_data["text"], reply_to=form.cleaned_data["reply_to"], now=request.now)  # type: ignore[arg-type,attr-defined]
            return _back(id, f"comment-{said.pk}")
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    return page(request, one, status=422, say=form)


@require_POST
@signed_in
def veto(request: HttpRequest, id: UUID) -> HttpResponse:
    """Stop what passed, with a reason."""
    try:
        actions.veto(queries.visible(id, request.user), request.user, request.POST.get("reason", ""), now=request.now)  # type: ignore[arg-type,attr-defined]
        messages.success(request, _("It is vetoed and takes no effect."))
    except Refused as no:
        messages.error(request, str(no.message))
    return _back(id)


@require_POST
@signed_in
def pin(request: HttpRequest, id: UUID, comment: UUID) -> HttpResponse:
    """Hold a summary up, or take it down."""
    try:
        actions.pin(queries.visible(id, request.user), request.user, comment, up=request.POST.get("do") != "down", now=request.now)  # type: ignore[arg-type,attr-defined]
    except Refused as no:
        messages.error(request, str(no.message))
    return _back(id, "talk")


@require_POST
@signed_in
def support(request: HttpRequest, id: UUID) -> HttpResponse:
    """Want it put to the vote."""
    actions.support(queries.visible(id, request.user), request.user, now=request.now)  # type: ignore[arg-type,attr-defined]
    messages.success(request, _("You support putting this to the vote."))
    return _back(id)


@require_POST
@signed_in
def discuss(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one's draft to everyone."""
    one = actions.open_discussion(queries.visible(id, request.user), request.user, now=request.now)  # type: ignore[arg-type,attr-defined]
    messages.success(request, _("Everyone can see and discuss it now. Voting opens by itself."))
    return _back(one.pk)


@require_POST
@signed_in
def go_back(request: HttpRequest, id: UUID) -> HttpResponse:
    """Put the inverse to the members: one tap."""
    try:
        made = actions.go_back(queries.visible(id, request.user), request.user, now=request.now)  # type: ignore[arg-type,attr-defined]
    except Refused as no:
        messages.error(request, str(no.message))
        return _back(id)
    messages.success(request, _("Going back on it is being discussed. Voting opens by itself."))
    return _back(made.pk)


@require_POST
@signed_in
def keep(request: HttpRequest, id: UUID) -> HttpResponse:
    """It was looked at again, and stays."""
    try:
        actions.keep(queries.visible(id, request.user), request.user, now=request.now)  # type: ignore[arg-type,attr-defined]
        messages.success(request, _("It is kept, and that stands on the record."))
    except Refused as no:
        messages.error(request, str(no.message))
    return _back(id)


@require_POST
@signed_in
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take one's proposal back."""
    one = queries.visible(id, request.user)
    form = forms.TakeBack(request.POST)
    if form.is_valid():
        try:
            actions.withdraw(one, request.user, form.cleaned_data["reason"], now=request.now)  # type: ignore[arg-type,attr-defined]
            messages.success(request, _("It is taken back."))
            return _back(id)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    return page(request, one, status=422, take_back=form)

"""Pages of amendments: offer one in the form the proposal was written in, answer one, put one to the vote."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madang.coop.decisions import actions, drafting, kinds, proposing, queries, states
from madang.coop.decisions.models import Proposal
from madang.coop.people.access import signed_in
from madang.kit.errors import Missing, Refused


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def offer(request: HttpRequest, id: UUID) -> HttpResponse:
    """Write other content for a proposal: its own form, filled in as it stands."""
    one = queries.visible(id, request.user)
    drafting.require_insider(one, request.user, request.now)  # type: ignore[arg-type,attr-defined]
    if not kinds.get(one.kind).amends or one.state != states.DISCUSSION:
        raise Missing("nothing to amend")
    sheet = proposing.typed(request, one) if request.method == "POST" else proposing.fresh(request, one)
    reason = request.POST.get("why", "")
    if request.method == "POST" and request.POST.get("do") == "offer" and (done := _offered(request, one, sheet, reason)) is not None:
        return done
    context = {"one": one, "sheet": sheet, "kind": kinds.get(one.kind), "why": reason}
    return render(request, "decisions/amend.html", context, status=422 if sheet.refusals else 200)


def _offered(request: HttpRequest, one: Proposal, sheet: proposing.Sheet, reason: str) -> HttpResponse | None:
    """Offer it; None when it was refused (the sheet then says why)."""
    details: dict[str, Any] = {}
    if sheet.details is not None:
        if not sheet.details.is_valid():
            sheet.refusals.append(Refused("details", _("Please look at the marked fields.")))
            return None
        details = sheet.details.details()
    try:
        changes = proposing.changes_of(sheet) if one.kind == "change_rules" else []
        actions.offer(one, request.user, changes, details=details, reason=reason, id=sheet.key, now=request.now)  # type: ignore[arg-type,attr-defined]
    except Refused as no:
        if sheet.details is not None and no.field in sheet.details.fields:
            sheet.details.add_error(no.field, str(no.message))
        sheet.refusals.append(no)
        return None
    messages.success(request, _("It is offered. Its proposer is asked to take it in."))
    return HttpResponseRedirect(reverse("decisions:decision", args=[one.pk]) + "#amendments")


@require_POST
@signed_in
def answer(request: HttpRequest, id: UUID, amendment: UUID) -> HttpResponse:
    """Take it in, decline it with words, take it back, or put it to the vote."""
    one = queries.visible(id, request.user)
    found = one.amendments.filter(pk=amendment).first()
    if found is None:
        raise Missing("no such amendment")
    do, now, person = request.POST.get("do", ""), request.now, request.user  # type: ignore[attr-defined]
    try:
        if do == "take":
            actions.take_in(found, person, now=now)  # type: ignore[arg-type]
            messages.success(request, _("It is taken in: this is what is proposed now."))
        elif do == "decline":
            actions.decline(found, person, request.POST.get("answer", ""), now=now)  # type: ignore[arg-type]
            messages.success(request, _("It is not taken in; who offered it is told why."))
        elif do == "retract":
            actions.retract(found, person, now=now)  # type: ignore[arg-type]
            messages.success(request, _("It is taken back."))
        else:
            child = actions.put(found, person, now=now)  # type: ignore[arg-type]
            messages.success(request, _("The members decide about it. The vote on the proposal waits."))
            return HttpResponseRedirect(reverse("decisions:decision", args=[child.pk]))
    except Refused as no:
        messages.error(request, str(no.message))
    return HttpResponseRedirect(reverse("decisions:decision", args=[one.pk]) + "#amendments")

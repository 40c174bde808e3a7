"""Who gets which part, what it came to, and what other models would bring."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madang.coop.law import rations
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing, Refused
from madang.platforms.music import parties, queries, rules, terms, whatif
from madang.platforms.music.actions import splitting
from madang.platforms.music.api.sharing import sees
from madang.platforms.music.forms import DisputeForm, refuse
from madang.platforms.music.models import Agreement, Party


@require_http_methods(["GET", "POST"])
@signed_in
def split(request: Request, key: UUID) -> HttpResponse:
    """Who gets which part, and is that agreed?"""
    rows = Agreement.objects.select_related("artist", "release__artist", "track__release__artist", "track__artist", "proposed_by")
    found = get_object_or_404(rows, pk=key)
    if not sees(request.user, found):
        raise Missing("not yours to see")
    do, form = request.POST.get("do", ""), DisputeForm(request.POST if request.POST.get("do") == "dispute" else None)
    if do:
        try:
            if done := _do(request, found, do, form):
                messages.success(request, done)
                return redirect("music:split", key)
        except Refused as no:
            if do == "dispute":
                refuse(form, no)
            else:
                messages.error(request, str(no.message))
                return redirect("music:split", key)
    each = list(found.parties.select_related("person", "artist"))
    mine = {one.pk for one in each if request.user in parties.confirmers(one)}
    total = sum(one.weight for one in each)
    context = {
        "split": found, "parties": [(one, one.weight * 100 / total) for one in each], "mine": mine, "form": form, "unit": terms.unit(),
        "subject": parties.subject_of(found), "asked": [one for one in each if one.pk in mine and one.confirmed_at is None],
    }  # fmt: skip
    return render(request, "music/split.html", context)


def _do(request: Request, found: Agreement, do: str, form: DisputeForm) -> str:
    if do == "withdraw":
        splitting.withdraw(request.user, found, now=request.now)
        return _("The proposal is taken back.")
    party = get_object_or_404(Party, pk=request.POST.get("party"), agreement=found)
    if do == "confirm":
        splitting.confirm(request.user, party, now=request.now)
        return _("You have confirmed your part.")
    if do == "decline":
        splitting.decline(request.user, party, now=request.now)
        return _("You have declined. What held before holds on.")
    if do == "dispute" and form.is_valid():
        splitting.dispute(request.user, party, form.cleaned_data["words"], now=request.now)
        return _("This part is kept back until the dispute is over; everybody else is paid.")
    if do == "settle":
        splitting.settle_dispute(request.user, party, now=request.now)
        return _("The dispute is over, and what was kept back is paid.")
    return ""


@require_safe
@signed_in
def earnings(request: Request) -> HttpResponse:
    """What did my music earn, and from which plays?"""
    return render(request, "music/earnings.html", {"statements": queries.statements(request.user), "unit": terms.unit(), "models": rules.MODELS})


@require_safe
def what_if(request: HttpRequest) -> HttpResponse:
    """What would the last months have brought under another model?"""
    rations.require("music.what-if", request)
    found = whatif.tried(request.user, request.now)  # type: ignore[arg-type, attr-defined]
    most = max((one.artists for one in found.under), default=0) or 1
    context = {"found": found, "models": rules.MODELS, "unit": terms.unit(), "most": most, "rule": rules.model.key}
    return render(request, "music/what_if.html", context)

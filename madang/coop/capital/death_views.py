"""Pages after a death: write it down, confirm it, say that one lives; where those entitled are paid."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from madang.coop import law
from madang.coop.capital import death as dead
from madang.coop.capital import dying, queue
from madang.coop.capital.models import Claim
from madang.coop.capital.out_views import chosen
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.payments import accounts, outgoing
from madang.coop.payments.bank_views import AccountForm
from madang.coop.people.access import Request, signed_in
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused


class DeathForm(forms.Form):
    """Who died, and when."""

    person = forms.ChoiceField(label=gettext_lazy("Who has died?"))
    day = forms.DateField(label=gettext_lazy("On which day?"), widget=forms.DateInput(attrs={"type": "date"}))
    sure = forms.BooleanField(label=gettext_lazy("I have seen a document that says so."))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def deaths(request: Request) -> HttpResponse:
    """``/shares/death/``: write down that a member has died, and see what was written. For a director, and whoever pays out."""
    if not dead.may_record(request.user, request.now):
        raise Missing("for the board, and who pays out")
    form = DeathForm(request.POST or None, initial={"day": queue.today(request.now)})
    live = Membership.objects.filter(state__in=["admitted", "active"], person__isnull=False).exclude(person=request.user).select_related("person")
    people = {str(one.person_id): one.holder_name for one in live.order_by("person__name", "pk")}
    form.fields["person"].choices = [("", "—"), *people.items()]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            made = dying.report(chosen(form.cleaned_data["person"], Person), form.cleaned_data["day"], by=request.user, now=request.now)
            messages.success(request, _("Written down. Nothing happens before somebody else confirms it and two weeks are over."))
            return redirect("capital:dead", made.pk)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    context = {"form": form, "bound": law.profile().bound("death.paid_to", request.now), "reports": dying.latest()}
    return render(request, "capital/death.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def death(request: Request, report: UUID) -> HttpResponse:
    """``/shares/death/<id>/``: is it so? For the member it is about, and those who may write it down."""
    found = dying.report_of(report, request.user, request.now)
    if request.method == "POST":
        _did(request, found)
        return redirect("capital:dead", report)
    second = dying.others(found.reported_by, found.person, request.now)
    context = {
        "report": found, "me": found.person_id == request.user.pk, "open": found.state in dying.OPEN, "records": dead.may_record(request.user, request.now),
        "may_confirm": found.state == "reported" and request.user in second, "people": second,
    }  # fmt: skip
    return render(request, "capital/dead.html", context)


def _did(request: Request, found: Any) -> None:
    try:
        what = request.POST.get("do", "")
        if what == "confirm":
            dying.confirm(found.pk, by=request.user, now=request.now)
            messages.success(request, _("Confirmed. It counts once the two weeks are over."))
        elif what == "lives":
            dying.call_off(found.pk, by=request.user, now=request.now)
            messages.success(request, _("Called off. Nothing has happened, and nothing will."))
        elif what == "wrong":
            dying.was_wrong(found.pk, by=request.user, now=request.now)
            messages.success(request, _("Taken back: the membership goes on, and the shares are theirs again."))
        else:
            raise Missing("no such button")
    except Refused as no:
        messages.error(request, str(no.message))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def heirs(request: Request, claim: UUID) -> HttpResponse:
    """``/shares/claims/<id>/heirs/``: where are those paid who are entitled to a claim after a death? For who pays out."""
    found = Claim.objects.filter(pk=claim, origin="death").select_related("membership__person", "account").first()
    if found is None or not members.has_duty(request.user, outgoing.PAYOUTS, request.now):
        raise Missing("for who pays out")
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            dead.pay_to(found.pk, **form.cleaned_data, by=request.user, now=request.now)
            messages.success(request, _("Kept, sealed. It is used for this claim alone."))
            return redirect("capital:claims")
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    context = {"form": form, "claim": found, "after": dead.entitled(found), "kept": accounts.account_of(f"claim:{found.pk}")}
    return render(request, "capital/heirs.html", context, status=422 if form.errors else 200)

"""Pages of disputes, for who pays out; and the way to the payment service for those it shall pay."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.coop import law
from madang.coop.law import rations
from madang.coop.ledger import flows
from madang.coop.ledger.models import Transfer
from madang.coop.ledger.owners import names
from madang.coop.members import queries as members
from madang.coop.payments import debts, disputes, losses, payees, rails
from madang.coop.payments.booking import purpose
from madang.coop.payments.models import Dispute
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing, Refused

TONES = {"open": "persimmon", "answered": "quiet", "won": "pine", "lost": "quiet"}


class AnswerForm(forms.Form):
    """What the co-op tells the payer's bank."""

    words = forms.CharField(
        label=gettext_lazy("What was done, and how you know"), widget=forms.Textarea(attrs={"rows": 8}), max_length=5_000,
        help_text=gettext_lazy("When and where, who was there, what the payer wrote. The bank decides by this alone."),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("One file that shows it"), required=False,
        help_text=gettext_lazy("PDF, PNG or JPEG, at most 0.9 MB: a key log, messages, photographs in one."),
    )  # fmt: skip


def state_words(state: str) -> str:
    """A dispute's state, as people say it."""
    return {"open": _("to be answered"), "answered": _("the bank is deciding"), "won": _("decided for the co-op"), "lost": _("decided for the payer")}[state]


def _row(found: Dispute) -> dict[str, Any]:
    return {"it": found, "words": state_words(found.state), "tone": TONES[found.state], "what": purpose(found.charge.purpose).title}


def debtors(unit: str) -> list[tuple[str, str, int, UUID]]:
    """Who owes the co-op something: (owner, name, amount, a key to give it up by). At most 3 SQL queries."""
    found = debts.debtors(unit)
    called = names([owner for owner, _amount in found])
    return [(owner, called.get(owner, owner), amount, uuid4()) for owner, amount in found]


@require_http_methods(["GET", "POST"])
@signed_in
def disputes_page(request: Request) -> HttpResponse:
    """Which payments did banks take back, and who owes the co-op something? For who pays out."""
    if not members.has_duty(request.user, disputes.PAYOUTS, request.now):
        raise Missing("for who pays out")
    unit = law.coop().currency
    if request.method == "POST":
        try:
            debts.forgive(request.POST.get("owner", "")[:90], unit, by=request.user, key=str(UUID(request.POST.get("key", ""))), now=request.now)
            messages.success(request, _("The debt is given up."))
        except ValueError:
            raise Missing("spoilt form") from None
        except Refused as no:
            messages.error(request, str(no.message))
        return redirect("payments:disputes")
    context = {
        "rows": [_row(one) for one in disputes.latest()], "debtors": debtors(unit), "unit": unit, "share": losses.share_in_words(request.now),
        "test_mode": rails.test_mode(rails.default().name),
    }  # fmt: skip
    return render(request, "payments/disputes.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def dispute(request: Request, dispute: UUID) -> HttpResponse:
    """What does the payer's bank want to know, until when, and what was answered? For who pays out."""
    found = disputes.dispute_of(dispute, request.user, request.now)
    form = AnswerForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        rations.require("dispute", request)
        try:
            if "concede" in request.POST:
                disputes.concede(found.pk, by=request.user, now=request.now)
                messages.success(request, _("The payer's bank is told that the co-op lets it go."))
                return redirect("payments:dispute", found.pk)
            if form.is_valid():
                file = form.cleaned_data["file"]
                disputes.contest(found.pk, form.cleaned_data["words"], by=request.user, now=request.now, file=file.read() if file else b"")
                messages.success(request, _("The answer is on its way to the payer's bank."))
                return redirect("payments:dispute", found.pk)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    by_us = rails.disputes_at(found.rail) is not None
    open_now = found.state == "open" and not found.wish and not (found.due_at and found.due_at <= request.now)
    entries = Q(entry__key__startswith=f"dispute:{found.pk}:") | Q(entry__key=f"dispute-lost:{found.pk}")
    lines = Transfer.objects.filter(entries).select_related("entry").order_by("pk")[:50]
    booked = [(flows.flow(one.kind).title, one) for one in lines]
    context = {
        **_row(found), "form": form, "unit": found.unit, "open": open_now, "by_us": by_us, "own": found.charge.payer_id == request.user.pk,
        "booked": booked, "share": losses.share_in_words(request.now), "test_mode": rails.test_mode(found.rail), "pretend": found.rail == "sandbox",
    }  # fmt: skip
    return render(request, "payments/dispute.html", context)


@require_POST
@signed_in
def enrol(request: Request) -> HttpResponse:
    """On to the payment service, to tell it who is to be paid; or no longer through it."""
    rations.require("enrol", request)
    owner = request.POST.get("owner", "")[:90]
    try:
        if "forget" in request.POST:
            payees.end(owner, by=request.user, now=request.now)
            return redirect("payments:account")
        url = payees.begin(owner, by=request.user, now=request.now)
    except Refused as no:
        messages.error(request, str(no.message))
        return redirect("payments:account")
    return render(request, "payments/leave.html", {"url": url, "back": "/pay/account/", "test_mode": rails.test_mode(rails.STRIPE), "person": True})


@require_GET
@signed_in
def enrolled(request: Request) -> HttpResponse:
    """Back from the payment service: how does it stand?"""
    rations.require("enrolled", request)
    try:
        payees.look_at_all(request.user, now=request.now)
    except Refused as no:
        messages.error(request, str(no.message))
    return redirect("payments:account")

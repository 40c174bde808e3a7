"""Pages for the second pair of eyes on one sum: a payout, and a refund that is sent by hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madang.coop.members import queries as members
from madang.coop.payments import accounts, approving, own, resolving
from madang.coop.payments.booking import purpose
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Refused
from madang.rails.bank.codes import shown


@require_http_methods(["GET", "POST"])
@signed_in
def payout(request: Request, payout: UUID) -> HttpResponse:
    """Is this payout right, and may it be sent? For who pays out and for the second person."""
    found, name, kept = approving.payout_of(payout, request.user, request.now)
    if request.method == "POST":
        try:
            if "approve" in request.POST:
                approving.approve(payout, by=request.user, now=request.now)
                messages.success(request, _("Approved. It is on its way."))
            else:
                approving.cancel(payout, by=request.user, now=request.now)
                messages.success(request, _("Cancelled. The money stands to their credit again."))
        except Refused as no:
            messages.error(request, str(no.message))
        return redirect("payments:payout", payout)
    people, board = accounts.second_people(found.by or request.user, request.now)
    waits = found.state == "created" and found.approved_by is None and found.batch is None
    context = {
        "payout": found, "name": name, "kept": kept, "gross": found.amount + kept, "waits": waits, "for_batch": waits and not found.second,
        "may_approve": waits and found.second and request.user in people, "people": people, "board": board,
        "pays_out": members.has_duty(request.user, accounts.PAYOUTS, request.now), "through": resolving.name_of(found.rail),
    }  # fmt: skip
    return render(request, "payments/payout.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def by_hand(request: Request, refund: UUID) -> HttpResponse:
    """May this go back to who paid by hand? For who pays out and for the second person."""
    found = approving.by_hand_of(refund, request.user, request.now)
    if request.method == "POST":
        try:
            approving.approve_by_hand(refund, by=request.user, now=request.now)
            messages.success(request, _("Approved. Now it can be sent."))
        except Refused as no:
            messages.error(request, str(no.message))
        return redirect("payments:by_hand", refund)
    people, board = accounts.second_people(found.asked_by or request.user, request.now)
    waits = found.state == "failed" and found.approved_by is None
    context = {
        "refund": found, "title": purpose(found.charge.purpose).title, "code": shown(own.refund_code(found)), "waits": waits, "people": people, "board": board,
        "may_approve": waits and request.user in people and request.user != found.charge.payer,
        "pays_out": members.has_duty(request.user, accounts.PAYOUTS, request.now),
    }  # fmt: skip
    return render(request, "payments/by_hand.html", context)

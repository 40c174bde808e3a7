"""Pages of the way out: take out what I put in; for who pays out and the board, everyone who waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from madang.coop import law
from madang.coop.capital import actions, death, queries, queue, rules, withdrawals
from madang.coop.capital.models import Claim, Withdrawal
from madang.coop.capital.views import my_memberships
from madang.coop.law.texts import in_language
from madang.coop.members import queries as members
from madang.coop.members.models import Membership
from madang.coop.payments import outgoing
from madang.coop.payments.models import Payout
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing, Refused

PLACES_A_PAGE, AT_ONCE = 50, 200


class OutForm(forms.Form):
    """How many shares of which membership. ``key`` makes pressing twice one wish."""

    membership = forms.ChoiceField(label=gettext_lazy("Of which shares?"))
    count = forms.IntegerField(
        label=gettext_lazy("How many shares"), min_value=1, max_value=actions.COUNT_MAX, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, mine: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mine = {str(one.pk): one for one in mine}
        self.fields["membership"].choices = [(key, said(one)) for key, one in self.mine.items()]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why paying back is held."""

    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=withdrawals.REASON_MAX, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Everyone who waits reads this."),
    )  # fmt: skip


def said(membership: Membership) -> str:
    """A membership as one calls it: its class, and the organisation."""
    title = in_language(membership.member_class.title)
    return f"{title} · {membership.organisation}" if membership.organisation else title


def holding_memberships(request: Request) -> list[Membership]:
    """The memberships this person may use the shares of, that are active."""
    return [one for one in my_memberships(request.user, request.now) if one.state == "active" and one.member_class.share_price]


def chosen(raw: str, model: Any) -> Any:
    """The row with the id that stands in a form. Raises ``Missing``."""
    try:
        key = UUID(raw)
    except ValueError:
        raise Missing("no such row") from None
    found = model.objects.filter(pk=key).first()
    if found is None:
        raise Missing("no such row")
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def out(request: Request) -> HttpResponse:
    """``/shares/out/``: what can I take out, when, and where do I stand in the queue?"""
    mine = holding_memberships(request)
    form = OutForm(request.POST if request.POST.get("do") == "ask" else None, mine=mine, initial={"key": uuid4(), "count": 1})
    if request.method == "POST" and _did(request, form):
        return redirect("capital:out")
    everything = my_memberships(request.user, request.now)
    whole, profile = queue.queue(request.now), law.profile()
    version = rules.notice.at(request.now)
    context = {
        "form": form, "mine": [(one, queries.holding(one), withdrawals.may_take(one)) for one in mine], "places": queue.mine(whole, everything),
        "queue": whole, "unit": whole.unit, "as_member": profile.bound("withdrawal.as_member", request.now), "notice": version.value,
        "solvent": profile.bound("withdrawal.only_if_solvent", request.now), "any_free": any(withdrawals.may_take(one) for one in mine),
        "terms": actions.terms(request.now), "today": queue.today(request.now),
    }  # fmt: skip
    return render(request, "capital/out.html", context, status=422 if form.errors else 200)


def _did(request: Request, form: OutForm) -> bool:
    """What a button of the page asked for; whether it is done (else the form says why not)."""
    what = request.POST.get("do", "")
    try:
        if what == "ask":
            if not form.is_valid():
                return False
            data = form.cleaned_data
            withdrawals.ask(form.mine[data["membership"]], data["count"], by=request.user, key=data["key"], now=request.now)
            messages.success(request, _("Asked. You keep the shares until they are paid back."))
        elif what == "back":
            withdrawals.take_back(chosen(request.POST.get("withdrawal", ""), Withdrawal), by=request.user, now=request.now)
            messages.success(request, _("Taken back: you keep the shares."))
        elif what == "claim":
            withdrawals.claim_it(chosen(request.POST.get("claim", ""), Claim), by=request.user, now=request.now)
            messages.success(request, _("Asked for. It does not lapse any more."))
        else:
            raise Missing("no such button")
    except Refused as no:
        if what != "ask":
            messages.error(request, str(no.message))
            return True
        form.add_error(no.field if no.field in form.fields else None, str(no.message))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def claims(request: Request) -> HttpResponse:
    """``/shares/claims/``: who waits for their shares, and who is next? For who pays out, and the board where it may hold paying back."""
    pays, holds = _sees(request.user, request.now)
    form = ReasonForm(request.POST if request.POST.get("do") == "suspend" else None)
    if request.method == "POST" and _ordered(request, form, pays):
        return redirect("capital:claims")
    whole = queue.queue(request.now)
    profile, page = law.profile(), Paginator(whole.places, PLACES_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "queue": whole, "unit": whole.unit, "page": page, "payable": sum(1 for one in whole.places if one.now), "at_once": AT_ONCE,
        "pays": pays, "holds": holds, "form": form, "today": queue.today(request.now),
        "rows": [(one, _entitled(one) if pays else None) for one in queue.named(list(page))], "records": death.may_record(request.user, request.now),
        "resolution": profile.bound("leaving.refund_needs", request.now), "solvent": profile.bound("withdrawal.only_if_solvent", request.now),
        "undecided": any(one.why == "resolution" for one in whole.places), "cap": rules.yearly_cap,
    }  # fmt: skip
    return render(request, "capital/claims.html", context, status=422 if form.errors else 200)


def _said(request: Request, payout: Payout) -> None:
    if payout.next_at or payout.state != "created":
        messages.success(request, _("The payout is on its way."))
    elif payout.second:
        messages.success(request, _("It is put aside and waits for a second person. You find it under Payouts."))
    else:
        messages.success(request, _("It is put aside and goes with the next batch for the bank. You find it under Payouts."))


def _sees(person: Any, now: datetime) -> tuple[bool, bool]:
    pays, holds = members.has_duty(person, outgoing.PAYOUTS, now), withdrawals.may_suspend(person, now)
    if not (pays or holds):
        raise Missing("for who pays out, and the board")
    return pays, holds


def _entitled(place: queue.Place) -> death.Entitled | None:
    """Whom a claim after a death is to be paid to."""
    if not isinstance(place.item, Claim) or place.item.origin != "death":
        return None
    return death.entitled(place.item)


def _ordered(request: Request, form: ReasonForm, pays: bool) -> bool:
    what = request.POST.get("do", "pay")
    try:
        if what == "suspend":
            if not form.is_valid():
                return False
            withdrawals.suspend(form.cleaned_data["reason"], by=request.user, now=request.now)
            messages.success(request, _("Paying back is held. Everyone who waits was told why."))
        elif what == "resume":
            withdrawals.resume(by=request.user, now=request.now)
            messages.success(request, _("Paying back goes on."))
        elif pays and what == "all":
            done = withdrawals.pay_next(by=request.user, limit=AT_ONCE, now=request.now)
            messages.success(request, _("Put aside to be paid: {n}. You find them under Payouts.").format(n=len(done)))
        elif pays and "withdrawal" in request.POST:
            _said(request, withdrawals.pay(chosen(request.POST["withdrawal"], Withdrawal), by=request.user, now=request.now))
        elif pays:
            _said(request, withdrawals.pay(chosen(request.POST.get("claim", ""), Claim), by=request.user, now=request.now))
        else:
            raise Missing("for who pays out")
    except Refused as no:
        messages.error(request, str(no.message))
    return True

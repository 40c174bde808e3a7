"""Pages of paying: what and how much, the pretend bank, the way back, the receipt; payouts for who sends them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.coop import law
from madang.coop.law import rations
from madang.coop.members import queries as members
from madang.coop.payments import accounts, actions, approving, choosing, dispute_views, disputes, later, outgoing, own, queries, rails, sandbox
from madang.coop.payments.booking import purpose
from madang.coop.payments.models import Charge
from madang.coop.people.access import Request, signed_in
from madang.coop.tax import status, wishes
from madang.coop.tax.forms import WishForm
from madang.kit.errors import Missing, Refused
from madang.kit.money import parse_amount
from madang.rails.bank.codes import shown
from madang.rails.payments import BadSignature
from madang.rails.payments.sandbox import CHOICES

TAKE_BACK = "take-back"

WEBHOOK_MAX = 64_000


def _context(found: Charge) -> dict[str, Any]:
    rail = rails.rail(found.rail)
    return {
        "charge": found,
        "unit": found.unit,
        "purpose": purpose(found.purpose),
        "lines": queries.lines(found),
        "to": queries.to_whom(found),
        "on_url": queries.goes_on(found),
        "pretend": rail.pretend,
        "no_service": rail.pretend and found.rail == rails.PRETEND and not rails.pretends(),
        "test_mode": rails.test_mode(found.rail),
        "disputes": list(found.disputes.order_by("opened_at")) if found.entry_id else [],
        "back": queries.went_back(found) if found.entry_id else 0,
        "tax": queries.tax_in(found),
    }


@require_http_methods(["GET", "POST"])
@signed_in
def charge(request: Request, charge: UUID) -> HttpResponse:
    """What do I pay, how much, to whom?"""
    found = queries.charge_of(charge, request.user)
    if request.method == "POST":
        rations.require("pay", request)
        ready = actions.go_and_pay(found, now=request.now)
        return redirect(ready.checkout_url if ready.checkout_url.startswith("/") else reverse("payments:go", args=[ready.pk]))
    open_now = found.state in actions.OPEN and found.expires_at > request.now
    context = {**_context(found), "open": open_now, "by_bank": open_now and choosing.may_by_bank(found)}
    if open_now and context["tax"].priced:
        context |= {"wish_form": WishForm(cash=_cash_receipts()), "wished": wishes.seen(found.pk)}
    return render(request, "payments/charge.html", context)


def _cash_receipts() -> bool:
    return status.tax_law().country == "KR"


@require_POST
@signed_in
def wish(request: Request, charge: UUID) -> HttpResponse:
    """I need a cash receipt, or an invoice to my business, for this payment."""
    found = queries.charge_of(charge, request.user)
    rations.require("tax.wish", request)
    if found.state not in actions.OPEN or found.expires_at <= request.now or not queries.tax_in(found).priced:
        raise Missing("nothing to ask for")
    form = WishForm(request.POST, cash=_cash_receipts())
    if form.is_valid():
        try:
            wishes.wish(found.pk, request.user, **form.cleaned_data, now=request.now)
            messages.success(request, _("That is kept. You get it once you have paid."))
            return redirect(found)
        except Refused as no:
            form.add_error(no.field if no.field in form.fields else None, str(no.message))
    context = {**_context(found), "open": True, "by_bank": choosing.may_by_bank(found), "wish_form": form, "wished": wishes.seen(found.pk)}
    return render(request, "payments/charge.html", context)


@require_GET
@signed_in
def go(request: Request, charge: UUID) -> HttpResponse:
    """On to the payment service's own pages. A page of ours in between, because a form of ours may lead nowhere else (``form-action 'self'``)."""
    found = queries.charge_of(charge, request.user)
    if found.state not in actions.OPEN or not found.checkout_url:
        return redirect(found)
    return render(request, "payments/leave.html", {"url": found.checkout_url, "back": found.get_absolute_url(), "test_mode": rails.test_mode(found.rail)})


@require_GET
@signed_in
def returned(request: Request, charge: UUID) -> HttpResponse:
    """Did it work? Asks the rail when its message did not come."""
    rations.require("paid", request)
    found = queries.charge_of(charge, request.user)
    if found.state in actions.OPEN and found.ref:
        found = actions.ask(found, now=request.now)
    if found.state == "settled":
        messages.success(request, _("Thank you, your payment arrived."))
        return redirect(queries.goes_on(found))
    if found.state in actions.OPEN and found.ref and not found.reason:
        return render(request, "payments/waiting.html", _context(found))
    return redirect(found)


@require_POST
@signed_in
def give_up(request: Request, charge: UUID) -> HttpResponse:
    """I do not want to pay this."""
    found = actions.give_up(queries.charge_of(charge, request.user), now=request.now)
    if found.state != "settled":
        messages.info(request, _("Nothing was charged."))
    return redirect(queries.goes_on(found))


@require_GET
@signed_in
def receipt(request: Request, charge: UUID) -> HttpResponse:
    """The receipt, to keep or print."""
    found = queries.charge_of(charge, request.user)
    if found.settled_at is None:
        raise Missing("not paid")
    return render(request, "payments/receipt.html", {**_context(found), "booked": queries.booked(found), "papers": queries.papers_of(found)})


@require_http_methods(["GET", "POST"])
def pretend_bank(request: Request, ref: str) -> HttpResponse:
    """The sandbox's own page: not ours but the pretend bank's, where a person says what the bank shall answer."""
    if not rails.pretends():
        raise Missing("money is real here: there is no pretend bank")
    bank = sandbox.rail()
    payment = bank.payment(ref)
    if payment is None:
        raise Missing("no such payment at the sandbox")
    if request.method == "POST":
        choice = request.POST.get("choice", "")
        if choice == TAKE_BACK:
            return _take_back(request, ref)
        if choice not in CHOICES:
            raise Refused("choice", _("Please choose one of the answers. Nothing was charged."))
        bank.choose(ref, choice, at=request.now)
        sandbox.deliver(request.now, only=ref)
        return redirect(payment.return_url)
    takes_back = payment.state == "paid" and not payment.contested and payment.amount > payment.refunded and _is_payer(request, ref)
    context = {"payment": payment, "unit": payment.unit, "choices": _choices(), "takes_back": takes_back}
    return render(request, "payments/pretend_bank.html", context)


def _is_payer(request: Request, ref: str) -> bool:
    return bool(request.user.is_authenticated) and Charge.objects.filter(rail=sandbox.rail().name, ref=ref, payer=request.user).exists()


def _take_back(request: Request, ref: str) -> HttpResponse:
    """As the payer: my bank takes the payment back, as it can for months after a card was used. Its message comes to the co-op as any other does."""
    if not _is_payer(request, ref):
        raise Missing("not yours")
    if sandbox.rail().charge_back(ref, at=request.now) is None:
        raise Refused("taken-back", _("The pretend bank has nothing of this payment to take back. Nothing was changed."))
    messages.success(request, _("Your pretend bank has taken it back and asks the co-op about it."))
    return redirect("payments:charge", charge=Charge.objects.get(rail=sandbox.rail().name, ref=ref).pk)


def _choices() -> list[tuple[str, str, str]]:
    return [
        ("approve", _("Pay"), _("The bank says yes.")),
        ("decline", _("Decline"), _("The bank says no; another try is possible.")),
        ("insufficient", _("Not enough money"), _("The bank says no for want of money.")),
        ("slow", _("Slow bank"), _("The answer comes two minutes later.")),
        ("twice", _("Pay, and say so twice"), _("The same message comes two times.")),
        ("lost", _("Pay, and say nothing"), _("The bank's message gets lost; we have to ask.")),
    ]


@csrf_exempt
@require_POST
def webhook(request: Request, provider: str) -> HttpResponse:
    """A rail's message: checked, stored, then acted on."""
    try:
        if int(request.headers.get("Content-Length") or 0) > WEBHOOK_MAX or len(request.body) > WEBHOOK_MAX:
            return HttpResponse(status=413)
        event = actions.receive_webhook(provider, request.headers, request.body, now=request.now)
    except KeyError:
        raise Missing(provider) from None
    except (BadSignature, ValueError, TypeError):
        return HttpResponseBadRequest("not signed by the rail\n", content_type="text/plain")
    return JsonResponse({"stored": event.event_id})


@require_http_methods(["GET", "POST"])
@signed_in
def out(request: Request) -> HttpResponse:
    """Who is to be paid out? For who pays out."""
    if not members.has_duty(request.user, outgoing.PAYOUTS, request.now):
        raise Missing("for who pays out")
    unit = law.coop().currency
    if request.method == "POST" and "refund" in request.POST:
        return _sent_by_hand(request)
    if request.method == "POST":
        owner, raw, key = (request.POST.get(name, "") for name in ("owner", "amount", "key"))
        try:
            amount = parse_amount(raw, unit)
            if not (0 < len(owner) <= 90 and owner.partition(":")[0] in ("person", "organisation")):
                raise ValueError("spoilt form")
            made = actions.pay_out(owner, amount, unit, by=request.user, key=str(UUID(key)), now=request.now)
            if made.next_at is None and made.state == "created":
                return redirect("payments:payout", made.pk)
            messages.success(request, _("The payout is on its way."))
        except ValueError:
            messages.error(request, _("That amount could not be read. Nothing was sent."))
        except Refused as no:
            messages.error(request, str(no.message))
        return redirect("payments:out")
    not_sent = [(one, purpose(one.charge.purpose).title, shown(own.refund_code(one))) for one in queries.refunds_not_sent()]
    context = {"owed": [(one, uuid4()) for one in queries.to_pay_out(unit, now=request.now)], "payouts": queries.payouts(), "not_sent": not_sent, "unit": unit}
    people, board = accounts.second_people(request.user, request.now)
    context |= {"waiting": approving.waiting(), "alone": not rails.pretends() and not people, "people": people, "board": board, "real": not rails.pretends()}
    context |= {"open_disputes": disputes.open_count(), "debtors": dispute_views.debtors(unit), "test_mode": rails.test_mode(rails.default().name)}
    return render(request, "payments/out.html", context)


@require_POST
@signed_in
def give_back(request: Request, paper: UUID) -> HttpResponse:
    """A price is lowered after the work was done. For who pays out."""
    if not members.has_duty(request.user, outgoing.PAYOUTS, request.now):
        raise Missing("for who pays out")
    back = redirect("tax:paper", paper)
    try:
        amount, key = parse_amount(request.POST.get("amount", ""), law.coop().currency), str(UUID(request.POST.get("key", "")))
        later.give_back(paper, amount, reason=request.POST.get("reason", ""), by=request.user, key=key, now=request.now)
        messages.success(request, _("It goes back to who paid, and the correction is written."))
    except ValueError:
        messages.error(request, _("That amount could not be read. Nothing was sent."))
    except Refused as no:
        messages.error(request, str(no.message))
    return back


def _sent_by_hand(request: Request) -> HttpResponse:
    try:
        refund = UUID(request.POST["refund"])
    except ValueError:
        raise Missing("no such refund") from None
    try:
        if "ask" in request.POST:
            approving.ask_by_hand(refund, by=request.user, now=request.now)
            return redirect("payments:by_hand", refund)
        actions.sent_by_hand(refund, by=request.user, now=request.now)
        messages.success(request, _("The refund is booked as sent, and who paid has been told."))
    except Refused as no:
        messages.error(request, str(no.message))
    return redirect("payments:out")

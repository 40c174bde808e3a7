"""Pages of bank transfer and cash: where I am paid, how I pay by transfer; for who pays out, statements, batches and the till."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from madang.coop import law
from madang.coop.law import rations
from madang.coop.ledger import periods
from madang.coop.ledger.owners import names
from madang.coop.members import queries as members
from madang.coop.payments import accounts, actions, approving, authorising, batches, choosing, copies, payees, queries, rails, spending, statements
from madang.coop.payments.booking import purpose
from madang.coop.payments.models import Charge
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing, Refused
from madang.kit.money import parse_amount
from madang.rails.bank.accounts import KR_BANKS
from madang.rails.bank.codes import shown
from madang.rails.bank.orders import LONGEST


def _pays_out(request: Request) -> None:
    if not members.has_duty(request.user, accounts.PAYOUTS, request.now):
        raise Missing("for who pays out")


class AccountForm(forms.Form):
    """An account as a person types it."""

    holder = forms.CharField(label=gettext_lazy("Holder of the account"), max_length=70)
    bank = forms.CharField(label=gettext_lazy("Bank"), max_length=11, required=False)
    number = forms.CharField(label=gettext_lazy("Account number"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if accounts.kind_for(law.coop().currency) == "kr":
            self.fields["bank"] = forms.ChoiceField(label=gettext_lazy("Bank"), choices=[("", "—"), *KR_BANKS.items()])
        else:
            self.fields["bank"].label = gettext_lazy("BIC")
            self.fields["number"].label = gettext_lazy("IBAN")


class UploadForm(forms.Form):
    """A statement of the bank's."""

    file = forms.FileField(label=gettext_lazy("Statement"), help_text=gettext_lazy("camt.053, MT940, OFX or a Korean bank's CSV, at most 0.9 MB"))
    is_ours = forms.BooleanField(label=gettext_lazy("The file names no account, and it is the co-op's"), required=False)


def _add(form: forms.Form, no: Refused) -> None:
    form.add_error(no.field if no.field in form.fields else None, str(no.message))


@require_http_methods(["GET", "POST"])
@signed_in
def account(request: Request) -> HttpResponse:
    """Where do I, or an organisation I speak for, want to be paid?"""
    mine = accounts.owners_of(request.user, request.now)
    owner = request.POST.get("owner", mine[0])
    if owner not in mine:
        raise Missing("not yours")
    form = AccountForm(request.POST or None)
    if request.method == "POST" and "forget" in request.POST:
        accounts.end_account(owner, now=request.now)
        messages.success(request, _("The account is forgotten."))
        return redirect("payments:account")
    if request.method == "POST" and form.is_valid():
        rations.require("account", request)
        try:
            accounts.set_account(owner, **form.cleaned_data, by=request.user, now=request.now)
            messages.success(request, _("From now on you are paid there."))
            return redirect("payments:account")
        except Refused as no:
            _add(form, no)
    called = names(mine)
    rows = [(one, called.get(one, one), accounts.account_of(one)) for one in mine]
    known = payees.of(mine) if rails.connected() else {}
    service = [(one, called.get(one, one), known.get(one)) for one in mine] if rails.connected() else []
    context = {"form": form, "rows": rows, "owner": owner, "service": service, "test_mode": rails.test_mode(rails.STRIPE)}
    return render(request, "payments/account.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET"])
@signed_in
def transfer(request: Request, code: str) -> HttpResponse:
    """Where do I send the money, and what do I write into the transfer?"""
    found = Charge.objects.select_related("payer").filter(rail="bank", ref=code, payer=request.user).first()
    ours = accounts.ours()
    if found is None or ours is None:
        raise Missing("no such transfer, or not yours")
    context = {
        "charge": found, "place": accounts.place(ours), "code": shown(code), "purpose": purpose(found.purpose), "on_url": queries.goes_on(found),
        "open": found.state in actions.OPEN and found.expires_at > request.now, "unit": found.unit,
    }  # fmt: skip
    return render(request, "payments/transfer.html", context)


@require_POST
@signed_in
def by_bank(request: Request, charge: UUID) -> HttpResponse:
    """I pay this by bank transfer, or in cash at the office."""
    rations.require("pay", request)
    ready = choosing.by_bank(queries.charge_of(charge, request.user), now=request.now)
    return redirect("payments:transfer", code=ready.ref)


@require_http_methods(["GET", "POST"])
@signed_in
def bank(request: Request) -> HttpResponse:
    """What came in at the bank, and what is doubtful? For who pays out."""
    _pays_out(request)
    form = UploadForm()
    typed: dict[str, str] = {}
    if request.method == "POST" and "line" in request.POST:
        if not (refused := _decide(request)):
            return redirect("payments:bank")
        typed = {name: request.POST.get(name, "")[:60] for name in ("line", "code", "why", "sort", "what", "authorised")} | {"no": refused}
    elif request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            rations.require("statement", request)
            try:
                report = statements.read(form.cleaned_data["file"].read(), by=request.user, now=request.now, is_ours=form.cleaned_data["is_ours"])
                _say(request, report)
                return redirect("payments:bank")
            except Refused as no:
                _add(form, no)
    context = {
        "form": form, "ours": accounts.ours(), "proposed": accounts.proposed(), "doubtful": statements.doubtful(), "read": statements.read_lately(),
        "standing": statements.standing(), "sorts": spending.titles(), "costs": spending.lately(), "left": spending.left(),
        "unit": law.coop().currency, "words": doubts(), "typed": typed, "decided": authorising.open_sums(request.now),
    }  # fmt: skip
    return render(request, "payments/bank.html", context, status=422 if form.errors or typed else 200)


def _say(request: Request, report: statements.Report) -> None:
    counts = {"matched": report.matched, "doubtful": report.doubtful, "known": report.known}
    messages.success(request, _("Read: %(matched)s matched by themselves, %(doubtful)s to look at, %(known)s known before.") % counts)
    if report.gap:
        messages.warning(request, _("Between this statement and the one before, something is missing: it does not begin where that one closed."))


def doubts() -> dict[str, str]:
    """Why a line is doubtful, in words."""
    return {
        "no-code": _("No code in it."),
        "same-amount": _("No code in it, but an open transfer of just this amount."),
        "several-codes": _("More than one code in it."),
        "too-little": _("Less than was asked for."),
        "too-much": _("More than was asked for."),
        "paid-twice": _("This was paid already."),
        "returned": _("The bank calls it a return."),
        "left-unknown": _("Money left that no payout explains."),
        "left-twice": _("This payout had left already."),
        "not-approved": _("Nobody has approved this batch."),
        "payout-amount": _("A payout's code with another amount."),
        "not-booked": _("It could not be booked. Whoever runs this house finds why in the log."),
        "came-back-twice": _("This payout had come back already."),
    }


def _decide(request: Request) -> str:
    """What a person says a line is. Why it was refused, in words; nothing when it was not."""
    raw = request.POST["line"]
    if not (raw.isdecimal() and len(raw) < 18):
        raise Missing("no such line")
    try:
        if "moved" in request.POST:
            spending.move(int(raw), request.POST.get("sort", ""), request.POST.get("what", ""), by=request.user, now=request.now)
            messages.success(request, _("It stands under that heading now."))
        elif "sort" in request.POST:
            allowed = request.POST.get("authorised", "")
            spending.book(int(raw), request.POST["sort"], request.POST.get("what", ""), by=request.user, authorised=allowed, now=request.now)
            messages.success(request, _("It is booked."))
        elif "why" in request.POST:
            statements.leave(int(raw), request.POST["why"], by=request.user, now=request.now)
            messages.success(request, _("It is noted and not booked."))
        elif "entry" in request.POST:
            statements.is_own(int(raw), UUID(request.POST["entry"]), by=request.user, now=request.now)
            messages.success(request, _("The line and the booking belong together now."))
        else:
            statements.take_for(int(raw), request.POST.get("code", ""), by=request.user, now=request.now)
            messages.success(request, _("It is booked."))
    except ValueError:
        raise Missing("no such booking") from None
    except Refused as no:
        return str(no.message)
    return ""


@require_http_methods(["GET", "POST"])
@signed_in
def our_account(request: Request) -> HttpResponse:
    """Which account is the co-op's? One person names it, a second confirms it."""
    waiting = accounts.proposed()
    second = waiting is not None and request.user in accounts.second_people(waiting.by, request.now)[0]
    if not second:
        _pays_out(request)
    form = AccountForm(request.POST if request.method == "POST" and "confirm" not in request.POST else None)
    if request.method == "POST" and "confirm" in request.POST:
        if waiting is None or str(waiting.pk) != request.POST["confirm"]:
            raise Missing("no such account")
        accounts.confirm_ours(waiting.pk, by=request.user, now=request.now)
        messages.success(request, _("This is the co-op's account now."))
        return redirect("payments:bank" if members.has_duty(request.user, accounts.PAYOUTS, request.now) else "notices:me")
    if request.method == "POST" and form.is_valid():
        try:
            accounts.propose_ours(**form.cleaned_data, by=request.user, now=request.now)
            messages.success(request, _("Now a second person has to confirm it."))
            return redirect("payments:our_account")
        except Refused as no:
            _add(form, no)
    ours = accounts.ours()
    people, board = accounts.second_people(waiting.by if waiting else request.user, request.now)
    context = {
        "form": form, "place": accounts.place(ours) if ours else None, "waiting": waiting, "waiting_place": accounts.place(waiting) if waiting else None,
        "second": second, "people": people, "board": board, "pays_out": members.has_duty(request.user, accounts.PAYOUTS, request.now),
    }  # fmt: skip
    return render(request, "payments/our_account.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def batches_page(request: Request) -> HttpResponse:
    """Who is paid in the next file for the bank? For who pays out."""
    _pays_out(request)
    unit = law.coop().currency
    owed = queries.to_pay_out(unit, now=request.now)
    today = request.now.astimezone(periods.zone()).date()
    if request.method == "POST":
        chosen = set(request.POST.getlist("owner"))
        try:
            waiting = [UUID(one) for one in request.POST.getlist("waiting")[:LONGEST]]
            if before := batches.made_before(str(UUID(request.POST.get("key", ""))), request.user):
                return redirect("payments:batch", batch=before.pk)
            wishes = [(one.owner, one.amount) for one in owed if one.owner in chosen]
            key = str(UUID(request.POST.get("key", "")))
            made = batches.make(wishes, on=today + timedelta(days=1), by=request.user, key=key, now=request.now, waiting=waiting)
            return redirect("payments:batch", batch=made.pk)
        except ValueError:
            raise Missing("spoilt form") from None
        except Refused as no:
            messages.error(request, str(no.message))
            return redirect("payments:batches")
    waits = approving.for_a_batch()
    where = batches.with_accounts([one.owner for one in owed] + [one.party for one, _name in waits])
    people, board = accounts.second_people(request.user, request.now)
    context = {
        "rows": [(one, where.get(one.owner)) for one in owed], "waits": [(one, name, where.get(one.party)) for one, name in waits],
        "ready": bool(where), "key": uuid4(), "unit": unit,
        "batches": batches.latest(), "ours": accounts.ours(), "people": people, "board": board,
    }  # fmt: skip
    return render(request, "payments/batches.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def batch(request: Request, batch: UUID) -> HttpResponse:
    """What is in this batch, who made it, who approved it, and what did the bank do?"""
    found = batches.batch_of(batch, request.user, request.now)
    if request.method == "POST":
        try:
            if "approve" in request.POST:
                batches.approve(batch, by=request.user, now=request.now)
                messages.success(request, _("Approved. Now the file can be taken to the bank."))
            elif "again" in request.POST:
                copies.ask(batch, request.POST.get("why", ""), by=request.user, now=request.now)
                messages.success(request, _("Asked. A second person has to allow it; they have a task for it."))
            elif "allow" in request.POST:
                copies.allow(batch, by=request.user, now=request.now)
                messages.success(request, _("Allowed: the file can be taken once more."))
            elif "cancel" in request.POST:
                batches.cancel(batch, by=request.user, now=request.now)
                messages.success(request, _("Cancelled. The money stands to everyone's credit again."))
            else:
                batches.refused_by_bank(UUID(request.POST.get("refused", "")), by=request.user, now=request.now)
                messages.success(request, _("It is booked back."))
        except ValueError:
            raise Missing("no such payout") from None
        except Refused as no:
            messages.error(request, str(no.message))
        return redirect("payments:batch", batch=batch)
    people, board = accounts.second_people(found.made_by, request.now)
    payouts = list(found.payouts.order_by("name", "pk"))
    called = names([one.party for one in payouts])
    context = {
        "batch": found, "payouts": [(one, called.get(one.party, one.name or one.party)) for one in payouts], "may_approve": request.user in people,
        "people": people, "board": board, "pays_out": members.has_duty(request.user, accounts.PAYOUTS, request.now),
        "copies": list(found.copies.select_related("asked_by", "allowed_by", "taken_by")), "copy": (wanted := copies.waiting(found)),
        "may_allow": wanted is not None and request.user in accounts.second_people(wanted.asked_by, request.now)[0],
    }  # fmt: skip
    return render(request, "payments/batch.html", context)


@require_POST
@signed_in
def batch_file(request: Request, batch: UUID) -> HttpResponse:
    """The file for the bank, once a second person approved it."""
    batches.batch_of(batch, request.user, request.now)
    try:
        file = batches.take(batch, by=request.user, now=request.now)
    except Refused as no:
        if no.code != "copy":
            raise
        messages.error(request, str(no.message))
        return redirect("payments:batch", batch=batch)
    answer = HttpResponse(file.body, content_type=file.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["GET", "POST"])
@signed_in
def cash(request: Request) -> HttpResponse:
    """Who pays cash at the counter, and how much? For who pays out."""
    _pays_out(request)
    code = request.POST.get("code") or request.GET.get("code", "")
    found, refused, no_code = None, False, ""
    if code:
        try:
            found = choosing.by_code(code[:60])
        except Missing:
            no_code, refused = _("There is no open payment with this code. Check it letter by letter."), request.method == "POST"
    if request.method == "POST" and found is not None:
        try:
            paid = choosing.take_cash(found, parse_amount(request.POST.get("amount", ""), found.unit), by=request.user, now=request.now)
            text = _("Booked. %(name)s finds the receipt under this payment.") if paid.state == "settled" else _("It came too late, so it has to go back.")
            messages.success(request, text % {"name": paid.payer} if paid.state == "settled" else text)
            return redirect("payments:cash")
        except ValueError:
            messages.error(request, _("That amount could not be read. Nothing was sent."))
        except Refused as no:
            messages.error(request, str(no.message))
        refused = True
    context = {
        "found": found, "code": shown(found.ref) if found else "", "title": purpose(found.purpose).title if found else "",
        "typed": code[:20], "no_code": no_code,
    }  # fmt: skip
    return render(request, "payments/cash.html", context, status=422 if refused else 200)

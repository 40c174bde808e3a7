"""Pages of inspections: ask, answer, see; and of the examiner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.coop.law import rations
from madang.coop.law.texts import say_citation
from madang.coop.ledger import explain, periods
from madang.coop.ledger.books.chart import Chart
from madang.coop.ledger.inspection import actions, contents, examining, forms, opens, queries
from madang.coop.ledger.openbooks import reading
from madang.coop.ledger.openbooks.views import ENDINGS, LONGEST, MARK_LONGEST
from madang.coop.members import queries as members
from madang.coop.people.access import Request, signed_in
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

SAID = {
    "asked": pgettext_lazy("inspection", "waits for an answer"),
    "overdue": pgettext_lazy("inspection", "not answered in time"),
    "opened": pgettext_lazy("inspection", "open"),
    "refused": pgettext_lazy("inspection", "refused"),
    "withdrawn": pgettext_lazy("inspection", "withdrawn"),
    "ended": pgettext_lazy("inspection", "closed again"),
}
TONES = {"asked": "persimmon", "overdue": "persimmon", "opened": "pine", "refused": "quiet", "withdrawn": "quiet", "ended": "quiet"}
A_PAGE = 25
LINES_A_PAGE = 100


@require_GET
@signed_in
def index(request: Request) -> HttpResponse:
    """Who asked to see what?"""
    page = Paginator(queries.requests(request.user, request.now), A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page, "rows": [_row(one) for one in page], "member": members.is_member(request.user, request.now),
        "right": opens.right(opens.standing(request.user, request.now), request.now), "examiners": queries.examiners(request.now),
    }  # fmt: skip
    context["cited"] = _cited(context["right"].citation if context["right"] else "")
    return render(request, "ledger/inspections.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def ask(request: Request) -> HttpResponse:
    """What do you want to see?"""
    standing = opens.standing(request.user, request.now)
    right = opens.right(standing, request.now)
    form = forms.Ask(request.POST or None, right=right) if right else None
    if form is not None and request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.ask(request.user, data["things"], data["reason"], proof=data.get("proof", ""), id=data["id"], now=request.now)
        except Refused as no:
            form.add_error(no.field, str(no.message))
        else:
            messages.success(request, _("Your request is with those who answer it."))
            return redirect("ledger:inspection", made.pk)
    context: dict[str, Any] = {"form": form, "right": right, "standing": opens.STANDINGS[standing]}
    context["answerers"] = _named(request, queries.answerers(request.now))
    context["cited"] = _cited(right.citation if right else "")
    return render(request, "ledger/inspection_ask.html", context, status=400 if form is not None and form.errors else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def inspection(request: Request, id: UUID) -> HttpResponse:
    """What was asked, what was answered, who looked?"""
    found = queries.request(id, request.user, request.now)
    answers = found.waiting and queries.may_answer(found, request.user, request.now)
    grounds = opens.refusable(found.standing, found.asked_at)
    refusing = request.POST.get("do") == "refuse"
    form = forms.Refuse(request.POST if refusing else None, grounds=grounds) if answers and grounds else None
    if request.method == "POST":
        try:
            if _answer(request, found, form):
                return redirect("ledger:inspection", found.pk)
        except Refused as no:
            if form is None or no.field not in (form.fields if refusing else ()):
                raise
            form.add_error(no.field, str(no.message))
    mine = found.person_id == request.user.pk
    context = {
        "found": found, "row": _row(found), "mine": mine, "answers": answers, "form": form, "looks": found.looks.order_by("-at")[:100],
        "open": found.open_at(request.now), "private": mine or queries.may_answer(found, request.user, request.now), "things": opens.THINGS,
        "things_seen": [(one, opens.THINGS[one]) for one in found.things], "right": opens.right(found.standing, found.asked_at),
        "answerers": _named(request, queries.answerers(request.now, overdue=found.state == "overdue")),
        "member": members.is_member(request.user, request.now), "cited": _cited(found.law),
    }  # fmt: skip
    return render(request, "ledger/inspection.html", context, status=400 if form is not None and form.errors else 200)


def _answer(request: Request, found: Any, form: forms.Refuse | None) -> bool:
    """Do what the button said; False when the form was not filled in."""
    wish = request.POST.get("do")
    if wish == "withdraw":
        actions.withdraw(found.pk, by=request.user, now=request.now)
    elif wish == "open":
        actions.open_books(found.pk, by=request.user, now=request.now)
    elif wish == "refuse" and form is not None:
        if not form.is_valid():
            return False
        actions.refuse(found.pk, by=request.user, **form.cleaned_data, now=request.now)
    else:
        raise Missing("no such answer")
    return True


@require_GET
@signed_in
def see(request: Request, id: UUID, thing: str) -> HttpResponse:
    """One thing that was opened; looking at it is written down."""
    rations.require("ledger.inspect", request)
    asked = {name: request.GET.get(name, "")[:LONGEST] for name in ("at", "kind", "account", "before")}
    month = reading.month_asked(asked["at"], request.now)
    actions.look(id, thing, by=request.user, part=f"{month:%Y-%m}" if thing == opens.BOOKS else "", now=request.now)
    context: dict[str, Any] = {"id": id, "thing": thing, "title": opens.THINGS[thing], "month": month, "asked": asked}
    context["formats"] = contents.COPIES.get(thing, ())
    if thing == opens.BOOKS:
        following = periods.next_month(month)
        who, account = contents.book_reader(request.user), asked["account"][:MARK_LONGEST]
        context |= {
            "found": reading.read(who, month, kind=asked["kind"], account=account, cursor=asked["before"]),
            "previous": periods.month_before(month) if month.year > reading.OLDEST else None,
            "following": following if following <= periods.month_of(request.now) else None, "accounts": Chart().kinds, "by_law": True,
        }  # fmt: skip
        return render(request, "ledger/journal.html", context)
    if thing == opens.OWN:
        return redirect("ledger:statement")
    if thing == opens.REGISTER:
        head, *rows = contents.register(request.now)
        page = Paginator(rows, LINES_A_PAGE).get_page(request.GET.get("page"))
        context |= {"head": head, "rows": list(page), "page": page}
    elif thing == opens.MINUTES:
        decided = Paginator(contents.minutes(), A_PAGE).get_page(request.GET.get("page"))
        context |= {"minutes": [contents.told(one) for one in decided], "page": decided}
    return render(request, "ledger/inspected.html", context)


@require_POST
@signed_in
def copy(request: Request, id: UUID, thing: str) -> HttpResponse:
    """A copy of one thing; taking it is written down."""
    rations.require("ledger.inspect", request)
    fmt, month = request.POST.get("format", ""), reading.month_asked(request.POST.get("at", "")[:LONGEST], request.now)
    if fmt not in contents.COPIES.get(thing, ()):
        raise Missing("no such copy")
    actions.look(id, thing, by=request.user, copied=True, part=f"{month:%Y-%m} {fmt}" if thing == opens.BOOKS else fmt, now=request.now)
    lang = get_language() or "en"
    text = contents.copy(thing, fmt, request.user, month, lang if lang in ("ko", "en") else "en", request.now)
    name = f"{thing}-{month:%Y-%m}" if thing == opens.BOOKS else f"{thing}-{request.now:%Y-%m-%d}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ENDINGS[fmt]}"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@require_GET
@signed_in
def examine(request: Request) -> HttpResponse:
    """Is each balance what its transfers come to? For who sees the whole book."""
    if not explain.keeps(request.user, request.now):
        raise Missing("not yours to see")
    rations.require("ledger.examine", request)
    code = request.GET.get("account", "")[:3]
    told = examining.examine(code, request.GET.get("after", "")[:20])
    context = {"told": told, "accounts": Chart().kinds, "code": code, "month": periods.month_of(request.now), "formats": list(ENDINGS)}
    return render(request, "ledger/examine.html", context)


def _cited(citation: str) -> str:
    return say_citation(citation, get_language() or "en")


def _named(request: Request, those: list[Person]) -> list[Person]:
    """Members' names are for members."""
    return those if members.is_member(request.user, request.now) else []


def _row(found: Any) -> dict[str, Any]:
    return {
        "one": found, "things": [opens.THINGS[one] for one in found.things], "standing": opens.STANDINGS[found.standing],
        "ground": opens.GROUNDS.get(found.ground, ""), "state": SAID[found.state], "tone": TONES[found.state],
    }  # fmt: skip

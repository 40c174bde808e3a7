"""Pages of share offers: what is offered, apply, my applications; for the office: write, check, open, extend, close."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from madang.coop import law
from madang.coop.capital.offers import applying, closing, forms, opening, picture, queries, states, telling, words
from madang.coop.capital.offers.models import Application, Offer
from madang.coop.law.texts import in_language
from madang.coop.members import queries as members
from madang.coop.people.access import Request, signed_in
from madang.kit.errors import Missing, Refused

TONES = {
    "draft": "quiet", "proposed": "quiet", "open": "persimmon", "met": "pine", "closed": "quiet", "completed": "pine", "lapsed": "persimmon",
    "returned": "quiet", "dropped": "quiet",
}  # fmt: skip


def state_words() -> dict[str, tuple[str, str]]:
    """What a state of an offer is called, and its colour."""
    said = {
        "draft": _("Draft"), "proposed": _("Members decide"), "open": _("Open now"), "met": _("Minimum reached"), "closed": _("Closed"),
        "completed": _("Shares issued"), "lapsed": _("Minimum missed: money goes back"), "returned": _("Minimum missed: all money is back"),
        "dropped": _("Dropped"),
    }  # fmt: skip
    return {key: (said[key], tone) for key, tone in TONES.items()}


def application_words() -> dict[str, str]:
    """What a state of an application is called."""
    return {
        "asked": _("not paid yet"), "paid": _("paid, held for you"), "issued": _("shares issued"), "returning": _("on its way back to you"),
        "returned": _("back with you"), "lapsed": _("not paid, over"),
    }  # fmt: skip


def _row(one: Offer, request: Any) -> dict[str, Any]:
    stands = queries.standing(one, request.now)
    label, tone = state_words()[one.state]
    return {"offer": one, "stands": stands, "bar": picture.bar(one, stands), "label": label, "tone": tone, "running": one.running(request.now)}


def _mine(request: Any, only: Offer | None = None) -> list[dict[str, Any]]:
    if not request.user.is_authenticated:
        return []
    said = application_words()
    rows = [one for one in queries.mine(request.user, request.now) if only is None or one.offer_id == only.pk]
    return [{"it": one, "label": said[one.state], "open": _still_open(one), "back": _may_take_back(one)} for one in rows]


def _still_open(one: Application) -> bool:
    return one.state == states.ASKED and one.charge is not None and one.charge.state in queries.OPEN_CHARGE


def _may_take_back(one: Application) -> bool:
    return one.state == states.PAID and one.offer.state == states.RUNNING and one.offer.kind != "open"


@require_GET
def offers(request: Any) -> HttpResponse:
    """What can I put money into, and what became of earlier offers?"""
    office = request.user.is_authenticated and queries.may_manage(request.user, request.now)
    drafts = Offer.objects.filter(state__in=[states.DRAFT, states.PROPOSED]).order_by("-created_at") if office else []
    rows = [_row(one, request) for one in queries.shown()[:100]]
    drafts_said = [{"offer": one, "label": state_words()[one.state][0]} for one in drafts]
    return render(request, "capital/offers.html", {"rows": rows, "mine": _mine(request), "office": office, "drafts": drafts_said})


def _seen(key: UUID, request: Any) -> tuple[Offer, bool]:
    """The offer, and whether whoever asks looks after it. A draft is for the office only; members see what they decide on."""
    one = queries.offer(key)
    office = request.user.is_authenticated and queries.may_manage(request.user, request.now)
    hidden = one.state in (states.DRAFT, states.DROPPED)
    if one.state == states.PROPOSED:
        hidden = not (request.user.is_authenticated and members.is_member(request.user, request.now))
    if hidden and not office:
        raise Missing("no such offer")
    return one, office


@require_http_methods(["GET", "POST"])
def offer(request: Any, offer: UUID) -> HttpResponse:
    """What is offered, on which terms, how does it stand, what is the risk? And to put money in."""
    one, office = _seen(offer, request)
    form = None
    if request.user.is_authenticated and one.running(request.now):
        form = forms.ApplyForm(request.POST or None, offer=one, holders=_holders(one, request))
    elif request.method == "POST":
        return redirect("capital:offer", offer=one.pk)
    if request.method == "POST" and form is not None and form.is_valid():
        chosen = form.cleaned_data.get("holder") or next(iter(_holders(one, request)), ("", ""))[0]
        places = {str(place.pk): place for place in members.spoken_for(request.user, request.now)}
        try:
            made = applying.apply(
                one, form.cleaned_data["amount"], request.user, holder=places.get(chosen), key=form.cleaned_data.get("key"), now=request.now
            )
            return redirect(made.charge or telling.page(one))
        except Refused as no:
            form.add_error("amount" if no.field == "count" else None, str(no.message))
    return render(request, "capital/offer.html", _page(one, request, office, form), status=422 if form is not None and form.errors else 200)


def _holders(one: Offer, request: Any) -> list[tuple[str, str]]:
    own = [("", str(request.user))] if one.person_class else []
    return own + ([(str(place.pk), place.name) for place in members.spoken_for(request.user, request.now)] if one.organisation_class else [])


def _page(one: Offer, request: Any, office: bool, form: Any) -> dict[str, Any]:
    rows = Application.objects.filter(offer=one).exclude(state=states.OVER).select_related("person", "organisation", "charge").order_by("created_at")
    said, kinds = application_words(), (forms.KIND_NAMES, forms.SHARING_NAMES)
    bound, titles = law.profile().bound("offer.statements", request.now), opening.titles()
    found = queries.findings(one, request.now) if office else []
    people = queries.people(one)
    return {
        **_row(one, request), "office": office, "form": form, "document": words.html(in_language(one.document)), "mine": _mine(request, one),
        "people": people if people >= 5 else 0, "kind": kinds[0][one.kind], "sharing": kinds[1][one.oversubscribed], "bound": bound,
        "findings": [{"title": titles[each.statement], "language": each.language, "section": each.section} for each in found],
        "ready": office and one.state == states.DRAFT and all(each.section is not None for each in found),
        "board": queries.opened_by_board(request.now),
        "applications": [{"it": each, "label": said[each.state]} for each in rows[:500]] if office else [],
        "login_needed": form is None and one.running(request.now),
    }  # fmt: skip


def _office(request: Request) -> None:
    if not queries.may_manage(request.user, request.now):
        raise Missing("for who looks after share offers")


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: Request, offer: UUID | None = None) -> HttpResponse:
    """Which terms, and what does the document say?"""
    _office(request)
    one = queries.offer(offer) if offer else None
    if one is not None and one.state != states.DRAFT:
        return redirect("capital:offer", offer=one.pk)
    form = forms.OfferForm(request.POST or None, offer=one, initial=forms.initial(one) if one else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = opening.write(request.user, offer=one, now=request.now, **form.fields_of_offer())
            return redirect("capital:offer", offer=made.pk)
        except Refused as no:
            names = {"title": f"title_{form.languages[0]}", "document": f"document_{form.languages[0]}", "closes_at": "closes_on", "opens_at": "opens_on"}
            field = names.get(no.field or "", no.field)
            form.add_error(field if field in form.fields else None, str(no.message))
    return render(request, "capital/offer_edit.html", {"form": form, "offer": one}, status=422 if form.errors else 200)


@require_POST
@signed_in
def do(request: Request, offer: UUID) -> HttpResponse:
    """Open, extend, close, drop: what the office does with an offer."""
    _office(request)
    one = queries.offer(offer)
    verbs: dict[str, Any] = {"open": opening.open_by_board, "extend": closing.extend, "close": closing.close, "drop": opening.drop}
    verb = verbs.get(request.POST.get("do", ""))
    if verb is None:
        raise Missing("no such step")
    try:
        verb(one, request.user, now=request.now)
        messages.success(request, _("Done."))
    except Refused as no:
        messages.error(request, str(no.message))
    return redirect("capital:offer", offer=one.pk)


@require_POST
@signed_in
def take_back(request: Request, application: UUID) -> HttpResponse:
    """I changed my mind: my money back."""
    found = Application.objects.select_related("offer").filter(pk=application, by=request.user).first()
    if found is None:
        raise Missing("not your application")
    try:
        applying.take_back(found, request.user, now=request.now)
        messages.success(request, _("Your money is on its way back to you."))
    except Refused as no:
        messages.error(request, str(no.message))
    return redirect("capital:offer", offer=found.offer_id)

"""From a draft to an open offer: write it, check it, open it by the board or by a decision."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madang.coop import law, once, record
from madang.coop.capital.offers import applying, queries, states
from madang.coop.capital.offers.closing import moment, require_duty
from madang.coop.capital.offers.models import Offer
from madang.coop.law.texts import in_language
from madang.coop.members.models import MemberClass, Membership
from madang.coop.people.actions import clean_line, clean_text
from madang.coop.people.models import Person
from madang.kit import canonical
from madang.kit.errors import Refused
from madang.kit.offers import problems

TITLE_MAX, DOCUMENT_MAX = 140, 60_000
AMOUNTS = ("minimum", "optimum", "maximum", "least_person", "most_person", "least_organisation", "most_organisation", "match_cap")
FIELDS = ("kind", *AMOUNTS, "opens_at", "closes_at", "extension_days", "extensions", "oversubscribed")
SAID = {
    "kind": gettext_lazy("There is no such kind of offer."),
    "price": gettext_lazy("This class has no shares to pay."),
    "whole-shares": gettext_lazy("Only whole shares can be offered: choose a multiple of the price of one share, and at least one."),
    "order": gettext_lazy("The minimum comes first, then the optimum, then the maximum."),
    "limits": gettext_lazy("The most is less than the least, or the least more than the whole offer."),
    "dates": gettext_lazy("It needs a day on which it ends, after the day on which it begins."),
    "too-long": gettext_lazy("An offer with a minimum runs for a year at most: nobody's money is kept waiting longer."),
    "extension": gettext_lazy("An extension is at most a year, and there are at most three."),
    "oversubscribed": gettext_lazy("There is no such way of sharing out."),
    "match": gettext_lazy("A match funder needs a cap in whole shares, of at most half of the maximum, and an offer that is not open."),
    "open-minimum": gettext_lazy("An open offer has neither minimum nor optimum: its shares are issued as they are paid."),
    "no-minimum": gettext_lazy("Such an offer needs a minimum: below it all money goes back."),
    "no-maximum": gettext_lazy("To share out what is too much it needs a maximum, and an end."),
    "entry": gettext_lazy("The least must pay for the shares the class asks of a new member."),
    "price-differs": gettext_lazy("Shares of both classes must cost the same in one offer."),
}


@transaction.atomic
def write(
    by: Person, *, title: dict[str, str], document: dict[str, str], person_class: MemberClass | None, organisation_class: MemberClass | None,
    match_holder: Membership | None = None, offer: Offer | None = None, key: UUID | None = None, now: datetime, **fields: Any,
) -> Offer:  # fmt: skip
    """Write an offer, or rewrite a draft. ``fields`` are those of :data:`FIELDS`; amounts in the smallest unit.

    ``key``: the id a new one is to have, of whoever asks, so that sending it twice is one offer: while it is a draft it takes the newer words.
    Raises ``Refused``: "duty", "not-a-draft", "key-used", "title", "classes", "terms" with the field that does not fit.
    """
    require_duty(by, now)
    law.require_open()
    if offer is not None:
        offer = applying._locked(offer)
        if offer.state != states.DRAFT:
            raise Refused("not-a-draft", _("This offer is decided on or open already; its terms do not change any more."))
    if offer is None and key is not None and (offer := Offer.objects.select_for_update().filter(pk=key).first()):
        _require_own(offer, by)
        if offer.state != states.DRAFT:
            return offer
    one = offer or Offer(pk=key or uuid4(), author=by, created_at=now, unit=law.coop().currency)
    first = person_class or organisation_class
    if first is None:
        raise Refused("classes", _("Say for whom the offer is: people, organisations, or both."), "person_class")
    one.title = {lang: clean_line(text, TITLE_MAX, "title") for lang, text in title.items() if text.strip()}
    if not one.title:
        raise Refused("title", _("Give it a name."), "title")
    one.document = {lang: clean_text(text, DOCUMENT_MAX, "document") for lang, text in document.items()}
    one.person_class, one.organisation_class, one.match_holder, one.price = person_class, organisation_class, match_holder, first.share_price
    for name in FIELDS:
        if name in fields:
            setattr(one, name, fields[name])
    one.ends_at = one.closes_at = None if one.kind == "open" else one.closes_at
    for kind, name in ((person_class, "least_person"), (organisation_class, "least_organisation")):
        if kind is not None and not getattr(one, name):
            setattr(one, name, max(kind.entry_price, kind.share_price))
    _fits(one)
    if offer is not None:
        one.save()
    elif not once.insert(one):  # sent twice at the same moment: the first one stands
        one = Offer.objects.get(pk=one.pk)
        _require_own(one, by)
    return one


def _require_own(offer: Offer, by: Person) -> None:
    if offer.author_id != by.pk:
        raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))


def _fits(one: Offer) -> None:
    """Raise ``Refused("terms")`` for what no offer can promise."""
    names = {"people": "least_person", "organisations": "least_organisation"}
    for wrong in problems(one.terms):
        raise Refused("terms", str(SAID[wrong.code]), names.get(wrong.field, wrong.field))
    for kind, least, name in ((one.person_class, one.least_person, "least_person"), (one.organisation_class, one.least_organisation, "least_organisation")):
        if kind is None:
            continue
        if kind.share_price != one.price:
            raise Refused("terms", str(SAID["price-differs"]), "organisation_class")
        if least < kind.entry_price:
            raise Refused("terms", str(SAID["entry"]), name)


def missing(offer: Offer, now: datetime) -> list[Any]:
    """The statements its document does not make yet."""
    return [one for one in queries.findings(offer, now) if one.section is None]


def require_ready(offer: Offer, now: datetime) -> None:
    """Raise ``Refused`` unless it can be opened: "terms", "document" (naming what is missing, and the text that asks for it), "dates"."""
    _fits(offer)
    gone = missing(offer, now)
    if gone:
        bound = law.profile().bound("offer.statements", now)
        names = ", ".join(f"{titles()[one.statement]} ({one.language})" for one in gone)
        words = _("The offer document does not say yet: %(names)s. (%(citation)s)")
        raise Refused("document", words % {"names": names, "citation": bound.citation}, "document")
    if offer.ends_at is not None and offer.ends_at <= now:
        raise Refused("terms", _("The day on which it ends is over already."), "closes_at")


def titles() -> dict[str, str]:
    """The statements by key, as a reader calls them."""
    return {
        "total-loss": _("that all the money may be lost"),
        "no-compensation": _("that no compensation scheme protects it"),
        "no-ombudsman": _("that no ombudsman can be asked"),
        "share-terms": _("what the shares are: how they come back, and whether they can be passed on"),
        "asset-lock": _("what becomes of the assets when the co-op ends"),
        "one-member-one-vote": _("one vote for each member"),
        "limits": _("how much one may hold"),
        "limits-on-return": _("when and how the money comes back"),
        "not-a-deposit": _("that it is no deposit and nobody guarantees it"),
        "pioneer-risk": _("that the money is spent on preparing"),
    }


def digest(offer: Offer) -> str:
    """The fingerprint (SHA-256) of all terms and the document, as the record keeps it."""
    return sha256(canonical.dumps(said(offer))).hexdigest()


def said(offer: Offer) -> dict[str, Any]:
    """All that is fixed of an offer, as plain data."""
    dates = {name: moment(value) if value else "" for name, value in (("opens_at", offer.opens_at), ("closes_at", offer.closes_at))}
    numbers = {name: getattr(offer, name) for name in (*AMOUNTS, "price", "extension_days", "extensions")}
    kinds = (("people", offer.person_class), ("organisations", offer.organisation_class))
    classes = {name: kind.key if kind else "" for name, kind in kinds}
    return {
        "offer": str(offer.pk), "title": offer.title, "document": offer.document, "kind": offer.kind, "unit": offer.unit,
        "oversubscribed": offer.oversubscribed, "match": str(offer.match_holder_id or ""), **dates, **numbers, **classes,
    }  # fmt: skip


@transaction.atomic
def open_by_board(offer: Offer, by: Person, *, now: datetime) -> Offer:
    """The board's offer begins, where the law profile leaves it to the board. Repeating it changes nothing.

    Raises ``Refused``: "duty", "decide" (the members decide this), and as :func:`require_ready`.
    """
    locked = applying._locked(offer)
    require_duty(by, now)
    if locked.state in states.LIVE_OFFER and locked.opened_by_id is not None:
        return locked
    if not queries.opened_by_board(now):
        raise Refused("decide", _("Here the members decide whether shares are offered. Propose it to them."))
    return _open(locked, now, by=by)


@transaction.atomic
def open_decided(key: str | UUID, proposal: UUID, fingerprint: str, *, now: datetime) -> Offer:
    """What members decided begins, on exactly the terms they decided on. Raises ``Refused``: "moved" when they are others, and as above."""
    locked = applying._locked(Offer(pk=UUID(str(key))))
    if locked.state in states.LIVE_OFFER and locked.proposal_id == proposal:
        return locked
    if locked.proposal_id != proposal or digest(locked) != fingerprint:
        raise Refused("moved", _("The terms of the offer are not those that were decided on. Nothing was opened."))
    return _open(locked, now, decision=proposal)


def _open(offer: Offer, now: datetime, *, by: Person | None = None, decision: UUID | None = None) -> Offer:
    require_ready(offer, now)
    offer.to(states.RUNNING)
    offer.opened_by, offer.proposal_id, offer.opened_at = by, decision or offer.proposal_id, now
    offer.save(update_fields=["state", "opened_by", "proposal_id", "opened_at"])
    told = said(offer)
    document = told.pop("document")
    line = {**told, "document_sha256": sha256(canonical.dumps(document)).hexdigest(), "digest": digest(offer), "decision": str(decision or "")}
    record.write("offer.opened", f"offer:{offer.pk}", [line], public=True, now=now)
    return offer


@transaction.atomic
def propose(key: str | UUID, proposal: UUID, *, now: datetime) -> Offer:
    """Members discuss it from here on: nobody changes it any more. Raises ``Refused`` as :func:`require_ready`, "not-a-draft"."""
    locked = applying._locked(Offer(pk=UUID(str(key))))
    if locked.state == states.PROPOSED and locked.proposal_id == proposal:
        return locked
    if locked.state != states.DRAFT:
        raise Refused("not-a-draft", _("This offer is decided on or open already; its terms do not change any more."))
    require_ready(locked, now)
    locked.to(states.PROPOSED)
    locked.proposal_id = proposal
    locked.save(update_fields=["state", "proposal_id"])
    return locked


@transaction.atomic
def not_decided(key: str | UUID, proposal: UUID) -> None:
    """It was voted down, withdrawn, or could not take effect: a draft again."""
    locked = applying._locked(Offer(pk=UUID(str(key))))
    if locked.state == states.PROPOSED and locked.proposal_id == proposal:
        locked.to(states.DRAFT)
        locked.proposal_id = None
        locked.save(update_fields=["state", "proposal_id"])


@transaction.atomic
def drop(offer: Offer, by: Person, *, now: datetime) -> Offer:
    """A draft nobody needs any more. Raises ``Refused``: "duty", and for what is no draft."""
    locked = applying._locked(offer)
    require_duty(by, now)
    locked.to(states.DROPPED)
    locked.save(update_fields=["state"])
    return locked


def name(offer: Offer, lang: str | None = None) -> str:
    """Its title in a language."""
    return in_language(offer.title, lang)

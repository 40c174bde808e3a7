"""Those a payment service pays by itself: they tell it (not us) who they are; we keep only what it calls them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import notices, once
from madang.coop.ledger.owners import names
from madang.coop.members.models import Membership
from madang.coop.payments import accounts, rails
from madang.coop.payments.models import Payee
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused
from madang.rails.payments import Payee as AtTheRail
from madang.rails.payments import RailError

STRIPE = rails.STRIPE


def unreachable() -> Refused:
    """What to say when the service does not answer."""
    return Refused("rail", _("The payment service cannot be reached just now. Nothing was changed; please try again in a few minutes."))


def of(owners: list[str]) -> dict[str, Payee]:
    """Whom of these the service knows. One SQL query."""
    return {one.owner: one for one in Payee.objects.filter(rail=STRIPE, owner__in=owners, ended_at=None)}


def holder_of(owner: str) -> str:
    """Whose account a balance of ``owner`` is paid to: a membership's is its holder's. At most one SQL query."""
    kind, _colon, ident = owner.partition(":")
    if kind != "membership":
        return owner
    found = Membership.objects.filter(pk=ident).first()
    return found.holder_key if found else owner


def place(whose: str) -> tuple[str, str]:
    """(rail, where to) of one payout to the account of ``whose`` (a person, an organisation): the service where it knows them, else the next batch
    for the bank; the pretend bank only where no money is real. At most five SQL queries.

    Raises ``Refused``: ``no-place`` (the service does not know them yet, and there is no bank account), ``whose`` (they have not said where to be paid).
    """
    if rails.connected():
        payee = of([whose]).get(whose)
        if payee is not None and payee.ready:
            return payee.rail, payee.ref
        if accounts.ours() is None:
            raise Refused("no-place", _("The payment service cannot pay them yet: they have to tell it who they are first. Nothing was sent."))
    elif rails.pretends():
        return rails.default().name, ""
    if accounts.account_of(whose) is None:
        raise Refused("whose", _("%(name)s has not said yet where to be paid. Nothing was booked.") % {"name": names([whose]).get(whose, whose)})
    return (rails.BANK if rails.default().name in (STRIPE, rails.PRETEND) else rails.default().name), ""


def begin(owner: str, *, by: Person, now: datetime) -> str:
    """The address where ``owner`` (oneself, or an organisation one speaks for) tells the service who they are. Never inside a transaction.

    Raises ``Missing`` for somebody else's, ``Refused("rail")``, ``Refused("no-service")``.
    """
    if owner not in accounts.owners_of(by, now):
        raise Missing("not yours")
    rail = rails.payees_at()
    if rail is None:
        raise Refused("no-service", _("This co-op pays out through its bank. Give your account there."))
    try:
        kept = of([owner]).get(owner)
        if kept is None:
            times = Payee.objects.filter(rail=STRIPE, owner=owner).count()
            made = rail.enrol(owner, email=by.email or "", organisation=owner.startswith("organisation:"), key=f"{owner}:{times}")
            kept = _keep(owner, made, by=by, now=now)
        site = settings.SITE_URL.rstrip("/")
        return rail.enrolment_url(kept.ref, back=site + reverse("payments:enrolled"), again=site + reverse("payments:account"))
    except RailError as error:
        raise unreachable() from error


@transaction.atomic
def _keep(owner: str, made: AtTheRail, *, by: Person, now: datetime) -> Payee:
    new = Payee(owner=owner, rail=STRIPE, ref=made.ref, ready=made.ready, by=by, made_at=now)
    return new if once.insert(new) else Payee.objects.get(owner=owner, rail=STRIPE, ended_at=None)


def look(ref: str, *, now: datetime) -> Payee | None:
    """Ask the service how it stands with somebody, and keep it. Never inside a transaction. Raises :class:`RailError`."""
    rail = rails.payees_at()
    if rail is None or not Payee.objects.filter(rail=STRIPE, ref=ref, ended_at=None).exists():
        return None
    return _looked(ref, rail.payee(ref), now=now)


@transaction.atomic
def _looked(ref: str, told: AtTheRail | None, *, now: datetime) -> Payee | None:
    kept = Payee.objects.select_for_update(of=("self",)).select_related("by").filter(rail=STRIPE, ref=ref, ended_at=None).first()
    if kept is None or (kept.asked_at and kept.asked_at > now):
        return kept
    before, kept.ready, kept.asked_at = kept.ready, told is not None and told.ready, now
    if told is None:
        kept.ended_at = now
    kept.save()
    if kept.ready != before:
        message = "payments.payee_ready" if kept.ready else "payments.payee_stopped"
        notices.tell(kept.by, message, url=reverse("payments:account"), params={}, now=now)
    return kept


def look_at_all(by: Person, *, now: datetime) -> None:
    """Somebody came back from the service: ask how it stands with what is theirs. Never inside a transaction. Raises ``Refused("rail")``."""
    try:
        for one in of(accounts.owners_of(by, now)).values():
            look(one.ref, now=now)
    except RailError as error:
        raise unreachable() from error


@transaction.atomic
def end(owner: str, *, by: Person, now: datetime) -> None:
    """No longer paid through the service. Raises ``Missing`` for somebody else's."""
    if owner not in accounts.owners_of(by, now):
        raise Missing("not yours")
    Payee.objects.filter(rail=STRIPE, owner=owner, ended_at=None).update(ended_at=now, ready=False)


def erase(person_id: UUID, *, now: datetime) -> None:
    """What the service calls a person is forgotten here; what it knows of them, they ask it to forget."""
    for one in Payee.objects.filter(owner=f"person:{person_id}"):
        Payee.objects.filter(pk=one.pk).update(ended_at=one.ended_at or now, ready=False, ref=f"erased:{one.pk}")

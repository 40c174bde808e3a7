"""Founding: one transaction from a charter to a forming co-op; founders accept; it opens when enough have accepted and paid."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from madang.coop import law, notices, record
from madang.coop.charter import queries
from madang.coop.charter.models import FounderInvitation
from madang.coop.charter.schema import Charter, ClassSpec, FounderSpec
from madang.coop.law.actions import open_coop
from madang.coop.law.models import Coop
from madang.coop.members import actions as members
from madang.coop.members import letters
from madang.coop.members.models import MemberClass, Membership, Office
from madang.coop.members.offices import months_later
from madang.coop.members.work import hashed
from madang.coop.people import actions as people
from madang.coop.people.models import Organisation, Person, Work
from madang.coop.rules.actions import found as found_rules
from madang.kit import house
from madang.kit.errors import Missing, Refused

SUBJECT = _("You are a founder of {coop}")
BODY = _(
    "{coop} is being founded and you are named as one of its founders. "
    "Open your link, read what it will be, accept, and pay your share. The link is yours alone."
)


@dataclass(frozen=True)
class Link:
    """A founder's link, shown once: what is kept is its hash."""

    person: Person
    path: str


@transaction.atomic
def found(charter: Charter, *, now: datetime, founding_id: UUID | None = None) -> tuple[Coop, list[Link]]:
    """Found the co-op, all of it or nothing; gives it and the founders' links in the charter's order.

    In this order: the co-op's row; the first leaf of the record; classes and offices; founders with their links and first terms;
    every declared rule's first version; what other apps do (``house.collect("founded")``); the seal. Real founders get their link by
    mail. Raises ``Refused`` "already_founded" when a co-op is here, also when another founding was faster.
    """
    if Coop.objects.exists():
        raise Refused("already_founded", _("A co-op is founded here already. One data folder is one co-op: choose another folder for another one."))
    try:
        with transaction.atomic():
            coop = _coop(charter, founding_id or uuid4(), now)
    except IntegrityError as no:
        raise Refused("already_founded", _("A co-op is founded here already. One data folder is one co-op: choose another folder for another one.")) from no
    _first_leaf(coop, charter, now)
    _classes(charter)
    _offices(charter)
    links = [_founder(charter, coop, number, spec, now) for number, spec in enumerate(charter.founders)]
    if not any(spec.operator for spec in charter.founders):
        people.make_operator(links[0].person)
    found_rules(dict(charter.rules) | {f"ways.{name}": way for name, way in charter.ways.items()}, coop.founding_id, now)
    for hook in house.collect("founded"):
        hook(charter, coop.founding_id, now=now)
    if not charter.demo:
        for link in links:
            _letter(coop, link)
    record.seal(now)
    return coop, links


@transaction.atomic
def accept(token: str, *, by: Person | None = None, now: datetime) -> Membership:
    """The founder behind the link accepts the charter; what remains is paying the share. Repeating it changes nothing.

    ``by`` is who is signed in: the link is worth nothing to anyone else. Raises ``Missing`` for an unknown link or somebody else's.
    """
    invitation = FounderInvitation.objects.select_for_update(of=("self",)).filter(token_hash=hashed(token)).first()
    if invitation is None or (by is not None and by.pk != invitation.person_id):
        raise Missing("founder's link")
    membership = Membership.objects.select_for_update(of=("self",)).select_related("member_class", "person", "organisation").get(pk=invitation.membership_id)
    if invitation.accepted_at is None:
        if membership.state != "applied":
            raise Refused("founder_left", _("This founder is no longer among the founders."))
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        membership = members.admitted(membership, now=now)
    return membership


@transaction.atomic
def open_if_ready(*, now: datetime) -> bool:
    """Open the co-op when as many founders as the law asks have accepted and paid. Whether it is open now. Safe to repeat."""
    coop = Coop.objects.select_for_update().first()
    if coop is None:
        return False
    if coop.state == Coop.OPEN:
        return True
    progress = queries.progress(now)
    if progress.ready < progress.needed:
        return False
    coop = open_coop(now=now)
    body = {"founding_id": str(coop.founding_id), "opened_at": _moment(now), "founders": progress.ready}
    record.write("founding.opened", f"founding:{coop.founding_id}", [body], public=True, now=now)
    for founder in progress.founders:
        if founder.person.erased_at is None:
            notices.tell(founder.person, "charter.opened", url="/", params={"coop": coop.name}, now=now)
    return True


@transaction.atomic
def renew_link(email: str, *, now: datetime) -> Link:
    """A new link for a founder who lost theirs; the old one no longer works. Raises ``Missing`` for an address that is no founder's."""
    invitation = FounderInvitation.objects.select_for_update(of=("self",)).select_related("person").filter(person__email=email.strip().lower()).first()
    if invitation is None:
        raise Missing("founder")
    token = secrets.token_urlsafe(24)
    invitation.token_hash = hashed(token)
    invitation.save(update_fields=["token_hash"])
    link = Link(invitation.person, f"/founding/{token}/")
    if not law.coop().demo:
        _letter(law.coop(), link)
    return link


def _coop(charter: Charter, founding_id: UUID, now: datetime) -> Coop:
    return Coop.objects.create(
        name=dict(charter.name), slug=charter.slug, purpose=dict(charter.purpose), law=charter.law, currency=charter.currency,
        time_zone=charter.time_zone, languages=list(charter.languages), voters=charter.voters, platforms=list(charter.platforms), demo=charter.demo,
        founding_id=founding_id, founded_at=now, charter_text=charter.text,
    )  # fmt: skip


def _first_leaf(coop: Coop, charter: Charter, now: datetime) -> None:
    body: Mapping[str, Any] = {
        "founding_id": str(coop.founding_id),
        "name": dict(coop.name),
        "law": coop.law,
        "currency": coop.currency,
        "time_zone": coop.time_zone,
        "charter_sha256": hashlib.sha256(charter.text.encode()).hexdigest(),
        "demo": coop.demo,
    }
    record.write("founding", f"founding:{coop.founding_id}", [body], public=True, now=now)


def _classes(charter: Charter) -> None:
    MemberClass.objects.bulk_create([_class(spec, order) for order, spec in enumerate(charter.classes)])


def _class(spec: ClassSpec, order: int) -> MemberClass:
    return MemberClass(
        key=spec.key, title=dict(spec.title), about=dict(spec.about), holder=spec.holder, admission=spec.admission,
        share_price=spec.share_price, min_shares=spec.min_shares, votes=spec.votes, order=order,
    )  # fmt: skip


def _offices(charter: Charter) -> None:
    Office.objects.bulk_create(
        [
            Office(
                key=spec.key, title=dict(spec.title), about=dict(spec.about), role=spec.role, does=list(spec.does), seats=spec.seats,
                term_months=spec.term_months, filled_by=spec.filled_by, order=order,
            )
            for order, spec in enumerate(charter.offices)
        ]
    )  # fmt: skip


def _founder(charter: Charter, coop: Coop, number: int, spec: FounderSpec, now: datetime) -> Link:
    person = people.register(spec.email, spec.name, language=spec.language or charter.languages[0], time_zone=charter.time_zone, now=now)
    if spec.operator:
        people.make_operator(person)
    holder: Person | Organisation = person
    if spec.organisation:
        holder = people.make_organisation(spec.organisation, now=now)
        for role in (Work.REPRESENTATIVE, Work.WORKER):
            people.start_work(person, holder, role, now=now)
    membership = members.apply(holder, spec.class_key, by=person, founding=True, now=now)
    terms = {one.key: one.term_months for one in charter.offices}
    for office in spec.offices:
        members.appoint(office, person, since=now, until=months_later(now, terms[office]), founding_id=coop.founding_id, now=now)
    token = secrets.token_urlsafe(24)
    FounderInvitation.objects.create(membership=membership, person=person, order=number, token_hash=hashed(token), created_at=now)
    return Link(person, f"/founding/{token}/")


def _letter(coop: Coop, link: Link) -> None:
    if link.person.email:
        name = coop.name.get(link.person.language) or next(iter(coop.name.values()))
        letters.send(link.person.email, SUBJECT, BODY, words={"coop": name}, url=link.path, language=link.person.language)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


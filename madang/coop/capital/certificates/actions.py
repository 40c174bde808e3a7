"""The verbs of certificates: certify what a membership holds, cancel what no longer is so."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from madang.coop import law, record
from madang.coop.capital import actions as capital
from madang.coop.capital import queries
from madang.coop.capital.certificates.models import Certificate
from madang.coop.ledger.owners import owner_of
from madang.coop.members.models import Membership
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

NUMBER_LOCK = 0x63657274


def valid(membership: Membership) -> list[Certificate]:
    """The certificates of a membership that stand, by number. One query."""
    return list(Certificate.objects.filter(membership=membership, cancelled_at=None).order_by("number"))


@transaction.atomic
def certify(membership: Membership, *, now: datetime) -> Certificate | None:
    """Certify the shares a membership holds and that no certificate covers yet; certificates for more than it holds are cancelled first.

    Returns the new certificate, None when nothing is left to certify. The caller has checked who asks.
    """
    locked = Membership.objects.select_for_update(of=("self",)).select_related("member_class", "person", "organisation").get(pk=membership.pk)
    held, stand = queries.holding(locked), valid(locked)
    covered = sum(one.count for one in stand)
    if covered > held.count:
        for one in stand:
            _cancel(one, now)
        covered = 0
    if held.count <= covered:
        return None
    return _issue(locked, held.count - covered, now)


def _issue(membership: Membership, count: int, now: datetime) -> Certificate:
    with connection.cursor() as cursor:  # one number after the other: whoever comes second waits until the first is written, or is not
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBER_LOCK])
    number = (Certificate.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    kind = membership.member_class
    made = Certificate(
        pk=uuid4(), number=number, membership=membership, name=str(membership.holder_name)[:200], count=count, price=kind.share_price,
        unit=law.coop().currency, issued_at=now,
    )  # fmt: skip
    made.save(force_insert=True)
    line = {
        "certificate": str(made.pk), "number": number, "holder": made.name, "class": kind.key, "count": count, "amount": made.amount, "unit": made.unit,
        "membership": str(membership.pk),
    }  # fmt: skip
    record.write("certificate", f"certificate:{made.pk}", [line], public=False, now=now)
    return made


def _cancel(certificate: Certificate, now: datetime) -> None:
    if certificate.cancelled_at is None:
        certificate.cancelled_at = now
        certificate.save(update_fields=["cancelled_at"])
        line = {"certificate": str(certificate.pk), "number": certificate.number}
        record.write("certificate.cancelled", f"certificate-cancelled:{certificate.pk}", [line], public=True, now=now)


@transaction.atomic
def ask(membership: Membership, by: Person, *, now: datetime) -> Certificate:
    """A member wants a certificate for shares that have none. Raises ``Missing`` for somebody else's, ``Refused("certified")`` when all have one."""
    if not capital.may_buy(membership, by, now):
        raise Missing("not your membership")
    made = certify(membership, now=now)
    if made is None:
        raise Refused("certified", _("All your shares have a certificate already, or you hold none."))
    return made


def left(membership: Membership, *, now: datetime) -> None:
    """Someone left: their shares are a claim now, so their certificates no longer hold."""
    for one in valid(membership):
        _cancel(one, now)


def find_too_many(now: datetime, limit: int) -> list[str]:
    """Memberships whose certificates say more than they hold: shares went away (transferred, paid back, written down). Three queries."""
    rows = Certificate.objects.filter(cancelled_at=None).values("membership").annotate(certified=Sum("count")).values_list("membership", "certified")
    certified = dict(rows)
    memberships = list(Membership.objects.filter(pk__in=certified).select_related("member_class"))
    held = queries.amounts(memberships, law.coop().currency)
    wrong = [one for one in memberships if held.get(owner_of(one), 0) < certified[one.pk] * one.member_class.share_price]
    return [str(one.pk) for one in wrong[:limit]]


def put_right(key: str | UUID, *, now: datetime) -> None:
    """Cancel what no longer is so, and certify what is left."""
    certify(Membership.objects.get(pk=key), now=now)

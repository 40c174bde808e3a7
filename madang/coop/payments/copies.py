"""A batch's file once more: the bank must not be given it twice, so whoever lost it says why, and a second person allows one more copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from madang.coop import notices
from madang.coop.notices import texts
from madang.coop.payments import accounts
from madang.coop.payments.models import Batch, BatchCopy
from madang.coop.people.models import Person
from madang.kit.errors import Missing, Refused

WORDS = 200
SAME_CLICK = timedelta(minutes=2)
"""Whoever took the file has it again for so long: a click that was lost on its way is no second copy."""


@transaction.atomic
def ask(batch_id: UUID, why: str, *, by: Person, now: datetime) -> BatchCopy:
    """Whoever pays out needs the file once more, and says why. While one waits, asking again is the same.

    Raises ``Missing``, ``Refused``: ``office``, ``not-taken`` (nobody has had it yet), ``over``, ``why``.
    """
    accounts.require_payouts(by, now)
    batch = _locked(batch_id)
    if batch.state != "approved" or batch.sealed is None:
        raise Refused("over", _("The bank has answered for this batch, or it was cancelled: its file is no longer kept."))
    if batch.taken_at is None:
        raise Refused("not-taken", _("Nobody has taken this file yet: take it."))
    if waits := waiting(batch):
        return waits
    words = " ".join(why.split())
    if not 0 < len(words) <= WORDS:
        raise Refused("why", _("Please say why the file is needed once more (at most %(most)s signs).") % {"most": WORDS}, "why")
    made = BatchCopy.objects.create(batch=batch, asked_by=by, asked_at=now, why=words)
    for person in accounts.second_people(by, now)[0]:
        params = {"amount": texts.money(batch.total, batch.unit), "name": by}
        notices.open_task(person, _task(made), "payments.batch_copy", url=reverse("payments:batch", args=[batch.pk]), params=params, now=now)
    return made


@transaction.atomic
def allow(batch_id: UUID, *, by: Person, now: datetime) -> BatchCopy:
    """A second person has asked the bank, and allows one more copy. Raises ``Missing``, ``Refused``: ``four-eyes``, ``office``."""
    batch = _locked(batch_id)
    copy = waiting(batch)
    if copy is None:
        raise Missing("nobody asked for a copy of this batch")
    if copy.allowed_by_id == by.pk:
        return copy
    accounts.require_second(copy.asked_by, by, now)
    copy.allowed_by, copy.allowed_at = by, now
    copy.save(update_fields=["allowed_by", "allowed_at"])
    notices.close_task(_task(copy), now)
    return copy


def hand_out(batch: Batch, by: Person, now: datetime) -> None:
    """The file of a locked batch leaves: the first time, within the same click, or as the one copy a second person allowed. Raises ``Refused("copy")``."""
    if batch.taken_at is None:
        batch.taken_by, batch.taken_at = by, now
        batch.save(update_fields=["taken_by", "taken_at"])
        return
    last = batch.copies.filter(taken_at__isnull=False).order_by("-taken_at").first()
    taken_by, taken_at = (last.taken_by_id, last.taken_at) if last and last.taken_at else (batch.taken_by_id, batch.taken_at)
    if taken_by == by.pk and now - taken_at <= SAME_CLICK:
        return
    copy = waiting(batch)
    if copy is None or copy.allowed_at is None:
        raise Refused("copy", _("This file was taken to the bank already. Say why it is needed once more; a second person has to allow it."))
    copy.taken_by, copy.taken_at = by, now
    copy.save(update_fields=["taken_by", "taken_at"])


def waiting(batch: Batch) -> BatchCopy | None:
    """The copy that was asked for and not taken yet. One query."""
    return batch.copies.select_related("asked_by", "allowed_by").filter(taken_at=None).first()


def _locked(batch_id: UUID) -> Batch:
    found = Batch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
    if found is None:
        raise Missing("no such batch")
    return found


def _task(copy: BatchCopy) -> str:
    return f"batch-copy:{copy.pk}"

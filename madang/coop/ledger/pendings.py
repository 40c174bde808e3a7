"""Two-phase transfers: promised now, made later in full or in part, or taken back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madang.coop import once
from madang.coop.ledger import booking
from madang.coop.ledger.actions import post
from madang.coop.ledger.models import Entry, Pending, PendingPost
from madang.coop.ledger.moves import Move, check_move
from madang.coop.ledger.unfit import Unfit
from madang.kit.errors import Refused

LIMIT = 500


def _digest(move: Move, subject: str, payer: str, expires_at: datetime | None) -> bytes:
    said = [subject, payer, expires_at.isoformat() if expires_at else None, *booking.columns([move])]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).digest()


@transaction.atomic
def pend(move: Move, *, key: str, now: datetime, subject: str = "", payer: str = "", expires_at: datetime | None = None) -> Pending:
    """Promise a transfer: it counts against the limits of both accounts from now on, and moves nothing yet. Once for each ``key``.

    A repeat returns the first one, as it stands now. Raises ``Refused``: ``key-used``, ``not-enough``, ``too-much``, ``account-closed``,
    ``late`` (it would have expired already), and :class:`Unfit` as :func:`post` does.
    """
    if not key or len(key) > booking.KEY_MAX:
        raise Unfit("key", f"not a key: {key[:40]!r}")
    check_move(move, key)
    digest = _digest(move, subject, payer, expires_at)
    version = None if move.version is None or move.version.as_it_came else move.version
    new = Pending(
        key=key, debit=move.debit, credit=move.credit, unit=move.debit.unit, amount=move.amount, kind=move.kind, version=version,
        note=dict(move.note or {}), subject=subject, payer=payer, at=now, expires_at=expires_at, digest=digest,
    )  # fmt: skip
    there = Pending.objects.filter(key=key).first()
    if there is None:
        if expires_at is not None and expires_at <= now:
            raise Refused("late", _("The time for this is over. Nothing was booked."))
        try:
            there = new if once.insert(new) else Pending.objects.get(key=key)
        except IntegrityError as error:
            raise booking.refusal(error) from error
    if bytes(there.digest) != digest:
        raise booking.key_used()
    return there


def pend_linked(wanted: Sequence[tuple[Move, str]], *, now: datetime, subject: str = "", payer: str = "", expires_at: datetime | None = None) -> list[Pending]:
    """Promise several transfers (move, key): all of them or none. Raises as :func:`pend`."""
    with transaction.atomic():
        return [pend(move, key=key, now=now, subject=subject, payer=payer, expires_at=expires_at) for move, key in wanted]


def _locked(pending: Pending) -> Pending:
    return Pending.objects.select_for_update(of=("self",)).select_related("debit", "credit", "version").get(pk=pending.pk)


@transaction.atomic
def post_pending(
    pending: Pending, *, key: str, now: datetime, amount: int | None = None, keep_rest: bool = False, effective_at: datetime | None = None
) -> Entry:
    """Make a promised transfer, all of what is left or ``amount`` of it; the rest is voided, or stays promised with ``keep_rest``.

    A repeat under the same ``key`` returns the first entry. Raises ``Refused``: ``pending-done`` (posted, voided or expired before),
    ``pending-less`` (less is left), ``key-used``.
    """
    held = _locked(pending)
    first = Entry.objects.filter(key=key).select_related("of_pending").first()
    take = amount if amount is not None else (first.of_pending.amount if first is not None and hasattr(first, "of_pending") else held.amount - held.posted)
    move = Move(held.debit, held.credit, take, held.kind, held.version, held.note)
    posting = booking.Posting("pending", [move], key, held.subject, held.payer, now, effective_at)
    if first is not None:
        if not hasattr(first, "of_pending") or first.of_pending.pending_id != held.pk:
            raise booking.key_used()
        return booking.same(first, posting)
    _open(held, now)
    booking.check(posting)
    if take > held.left:
        raise Refused("pending-less", _("Less than that is left of it. Nothing was booked."))
    held.posted += take
    if held.posted == held.amount or not keep_rest:
        held.state, held.done_at = Pending.POSTED, now
    held.save(update_fields=["posted", "state", "done_at"])  # the promise goes first, so that the transfer finds its place under the limits
    entry = post("pending", [move], key=key, subject=held.subject, now=now, effective_at=effective_at, payer=held.payer)
    PendingPost.objects.create(entry=entry, pending=held, amount=take)
    return entry


@transaction.atomic
def void(pending: Pending, *, now: datetime) -> Pending:
    """Take a promise back: what is left of it counts no more. A repeat changes nothing. Raises ``Refused`` (``pending-done``) when it was made."""
    held = _locked(pending)
    if held.state in (Pending.VOIDED, Pending.EXPIRED):
        return held
    if held.state == Pending.POSTED:
        raise _done()
    return _end(held, Pending.VOIDED, now)


def _open(held: Pending, now: datetime) -> None:
    if held.state != Pending.PENDING:
        raise _done()
    if held.expires_at is not None and held.expires_at <= now:
        raise Refused("late", _("The time for this is over. Nothing was booked."))


def _done() -> Refused:
    return Refused("pending-done", _("This was already booked, taken back or has expired. Nothing was booked again."))


def _end(held: Pending, state: str, now: datetime) -> Pending:
    held.state, held.done_at = state, now
    held.save(update_fields=["state", "done_at"])
    return held


def expired(now: datetime, limit: int = LIMIT) -> list[str]:
    """Promises whose time is over, the oldest first. One query."""
    found = Pending.objects.filter(state=Pending.PENDING, expires_at__lte=now).order_by("expires_at")
    return [str(key) for key in found.values_list("pk", flat=True)[: min(limit, LIMIT)]]


@transaction.atomic
def expire(key: Any, *, now: datetime) -> None:
    """Due work: end one promise whose time is over; what was posted of it meanwhile stays posted."""
    held = Pending.objects.select_for_update(of=("self",)).filter(pk=key, state=Pending.PENDING, expires_at__lte=now).first()
    if held is not None:
        _end(held, Pending.EXPIRED, now)

"""What is wrong in the books is put right by something new: an entry taken back, an account closed, money changed."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from madang.coop import once
from madang.coop.ledger import actions
from madang.coop.ledger.flows import BACK
from madang.coop.ledger.models import Account, Closing, Entry
from madang.coop.ledger.moves import Move
from madang.coop.ledger.unfit import Unfit
from madang.kit.errors import Refused

KEPT = ("hold", "carried")
"""Kinds of account beside which something is kept (a hold's state, what each carries) that an entry of the other way round would contradict."""


def kind_back(kind: str) -> str:
    """The kind of a transfer that takes one of ``kind`` back; at most 40 letters."""
    return f"{BACK}{kind}"[:40]


@transaction.atomic
def reverse(entry: Entry, *, key: str, now: datetime, reason: str = "", effective_at: datetime | None = None) -> Entry:
    """Take a whole entry back: a new entry that names it, with its transfers the other way round. Once; a repeat with the same key returns it.

    Raises ``Refused``: ``reversed`` (taken back before under another key), ``is-reversal`` (it takes something back itself: book that anew),
    ``kept`` (it filled or ended a hold, or carried fractions: what is kept beside the books would no longer fit them),
    ``not-enough``, ``account-closed`` … as :func:`post`.
    """
    if entry.reverses_id is not None:
        raise Refused("is-reversal", _("What was taken back cannot be taken back again. Book it anew. Nothing was booked."))
    rows = list(entry.transfers.select_related("debit", "credit", "version").order_by("ordinal"))
    if any(place.kind in KEPT for row in rows for place in (row.debit, row.credit)):
        raise Refused("kept", _("This filled or ended what was held, or carried fractions on. Book what is right as something new. Nothing was booked."))
    said = {"reason": reason} if reason else {}
    moves = [Move(row.credit, row.debit, row.amount, kind_back(row.kind), row.version, row.note | said | {"reverses": row.pk}) for row in rows]
    return actions.post(
        "reversal", moves, key=key, subject=entry.subject, now=now, effective_at=effective_at, payer=entry.payer, reverses=entry.pk
    )  # fmt: skip


def reversal_of(entry: Entry) -> Entry | None:
    """The entry that took this one back. One query."""
    return Entry.objects.filter(reverses=entry.pk).first()


@transaction.atomic
def exchange(source: Account, target: Account, amount: int, rate: Fraction, *, key: str, now: datetime, subject: str = "", payer: str = "") -> Entry:
    """Change money of one unit into another through the pair's own accounts: two transfers, one entry, each unit sums to zero by itself.

    ``rate``: smallest units of the target for one of the source, exact; it stands in both notes. What the rate leaves below one unit
    stays in the pair's account. Raises :class:`Unfit` when nothing would come of it, or both are of one unit.
    """
    if source.unit == target.unit:
        raise Unfit("unit", f"{key}: {source.unit} into itself")
    if type(amount) is not int or not isinstance(rate, Fraction) or rate <= 0:
        raise Unfit("amount", f"{key}: {amount!r} at {rate!r}")
    got = amount * rate.numerator // rate.denominator
    pair = f"pair:{source.unit}-{target.unit}"
    out, into = actions.account("exchange", pair, source.unit), actions.account("exchange", pair, target.unit)
    note = {"rate": f"{rate.numerator}/{rate.denominator}", "gave": [amount, source.unit], "got": [got, target.unit]}
    moves = [Move(source, out, amount, "exchange", None, note), Move(into, target, got, "exchange", None, note)]
    return actions.post("exchange", moves, key=key, subject=subject, now=now, payer=payer)


@transaction.atomic
def close(account: Account, *, now: datetime, reason: str = "") -> Closing:
    """Close an empty account for good: nothing is booked into or out of it again. A repeat returns the first closing.

    Raises ``Refused`` (``not-empty``) while something is in it or promised.
    """
    there = Closing.objects.filter(pk=account.pk).first()
    if there is not None:
        return there
    new = Closing(account=account, at=now, reason=reason[:200])
    try:
        return new if once.insert(new) else Closing.objects.get(pk=account.pk)
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") == "ledger_closing_empty":
            raise Refused("not-empty", _("There is still money in this account, or promised. Move it first; then it can be closed.")) from error
        raise

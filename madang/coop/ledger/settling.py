"""A split that is repeated (every month's plays, every run of payouts): what each carries in and out is stored, so that nobody drifts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from madang.coop.ledger import actions, booking
from madang.coop.ledger.models import Account, Carried, Entry
from madang.coop.ledger.moves import Move
from madang.coop.ledger.splits import percent
from madang.coop.ledger.unfit import Unfit
from madang.coop.rules.models import RuleVersion
from madang.kit import splits
from madang.kit.money import LARGEST, format_amount

SETTLE_LOCK = 0x6C6473


@dataclass(frozen=True)
class Share:
    """A recipient of a settlement: the account, and the weight (of all weights together)."""

    account: Account
    weight: Fraction


def settle(
    scope: str, source: Account, amount: int, shares: Mapping[str, Share], *, key: str, now: datetime, kind: str,
    version: RuleVersion | None = None, subject: str = "",
) -> Entry:  # fmt: skip
    """Share ``amount`` out of ``source`` among named recipients; fractions of a unit wait in the scope's own account until they make a whole one.

    ``scope`` names what is repeated (``"plays:2026"``); each settlement of it goes on from what the last one left. Once for each ``key``; a repeat
    returns the first entry. The notes say what each carried, so that :func:`explain` can. Raises as :func:`post`, ``ValueError`` as ``kit.splits``.
    """
    unit = source.unit
    if any(share.account.unit != unit for share in shares.values()):
        raise Unfit("unit", f"{key}: shares of another unit than {unit}")
    if type(amount) is not int or not 0 < amount <= LARGEST:
        raise Unfit("amount", f"{key}: not an amount: {amount!r}")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [SETTLE_LOCK, scope])
        if Account.objects.filter(kind="carried", owner=scope).exclude(unit=unit).exists():  # a fraction of a won is no fraction of a cent
            raise Unfit("unit", f"{key}: {scope} is settled in another unit than {unit}")
        first = Entry.objects.filter(key=key).first()
        carried = _before(first) if first is not None else latest(scope)
        wanted = [(name, share.weight) for name, share in shares.items()]
        try:
            done = splits.settle(amount, wanted, {name: value for name, value in carried.items() if value or name in shares}, f"{scope}|{key}")
        except ValueError as wrong:
            raise Unfit("amount", f"{key}: {wrong}") from wrong
        posting = booking.Posting(kind, _moves(scope, source, amount, shares, done, kind, version), key, subject, "", now)
        if first is not None:
            return booking.same(first, posting)
        entry = actions.post(kind, posting.moves, key=key, subject=subject, now=now)
        rows = [Carried(entry=entry, scope=scope, recipient=name, before=done.before[name], after=done.after[name]) for name in sorted(done.before)]
        Carried.objects.bulk_create(rows)
        return entry


def _moves(
    scope: str, source: Account, amount: int, shares: Mapping[str, Share], done: splits.Settlement, kind: str, version: RuleVersion | None
) -> list[Move]:  # fmt: skip
    """Source → pot for what waits longer, pot → source's place for what became whole: one transfer a recipient, and at most one for the pot."""
    pot = actions.account("carried", scope, source.unit, floored=True)
    whole = sum((Fraction(share.weight) for share in shares.values()), Fraction(0))
    moves, put = [], done.kept - done.brought
    if put > 0:
        moves.append(Move(source, pot, put, "carried", version, {"of": amount}))
    short = max(0, -put)  # units that come out of the pot: the first recipients that can take them whole
    for name in sorted(name for name, got in done.amounts.items() if got):
        share, got = shares[name], done.amounts[name]  # who takes no part carries less than a unit, and gets none
        part = percent(Fraction(share.weight) / whole)
        note = {"of": amount, "share": part, "recipient": name, "carried": [str(done.before[name]), str(done.after[name])]}
        from_pot = min(short, got)
        short -= from_pot
        if from_pot:
            moves.append(Move(pot, share.account, from_pot, "carried", version, note))
        if got > from_pot:
            moves.append(Move(source, share.account, got - from_pot, kind, version, note))
    return moves


def _before(entry: Entry) -> dict[str, int]:
    return dict(Carried.objects.filter(entry=entry).values_list("recipient", "before"))


def latest(scope: str) -> dict[str, int]:
    """What each recipient of a scope carries now, in 10⁻¹² of the smallest unit. One query."""
    rows = Carried.objects.filter(scope=scope).order_by("recipient", "-id").distinct("recipient")
    return dict(rows.values_list("recipient", "after"))


def explain(entry: Entry, recipient: str, lang: str) -> str:
    """One recipient's part of a settlement in words, with what was carried in and out. One query or two."""
    row = Carried.objects.filter(entry=entry, recipient=recipient).first()
    if row is None:
        return ""
    moves = list(entry.transfers.filter(note__recipient=recipient))
    got = sum(move.amount for move in moves)
    unit = moves[0].unit if moves else entry.transfers.order_by("ordinal")[0].unit
    return f"{format_amount(got, unit, lang)}. {carried_said(row.before, row.after, lang)}"


def carried_said(before: int, after: int, lang: str) -> str:
    """What was left from before and what waits for next time (10⁻¹² of the smallest unit), in words."""
    said = {"before": _hundredths(before), "after": _hundredths(after)}
    with translation.override(lang):
        if before:
            return _("%(before)s of the smallest unit was left from before and counted in; %(after)s of it waits for next time.") % said
        return _("%(after)s of the smallest unit waits for next time.") % said


def _hundredths(carried: int) -> str:
    """0.37 of a unit, rounded down, for words."""
    return f"0.{carried * 100 // splits.CARRY:02d}"

"""Writing entries and transfers: the one place with an INSERT into the books."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from madang.coop.ledger.models import Account, Entry
from madang.coop.ledger.moves import Move
from madang.kit.errors import Refused
from madang.kit.money import LARGEST

MOVES_MAX = 2_000
"""An entry has no more transfers than this; larger runs are several entries (a batch)."""

_ENTRY = """
INSERT INTO ledger_entry (id, key, kind, subject, payer, at, effective_at, digest)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bytea[])
ON CONFLICT (key) DO NOTHING RETURNING id
"""
_TRANSFER = """
INSERT INTO ledger_transfer (entry_id, ordinal, debit_id, credit_id, unit, amount, kind, version_id, note, at)
SELECT * FROM unnest(%s::uuid[], %s::smallint[], %s::bigint[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::uuid[], %s::jsonb[], %s::timestamptz[])
"""


@dataclass(frozen=True)
class Posting:
    """One entry still to be booked: see :func:`madang.coop.ledger.actions.post` for the words."""

    kind: str
    moves: Sequence[Move]
    key: str
    subject: str = ""
    payer: str = ""
    at: datetime | None = None
    effective_at: datetime | None = None


def _version(move: Move) -> str | None:
    """The rule version's id; a rule nobody set yet has its value from the programme and no version to point to."""
    return None if move.version is None or move.version.as_it_came else str(move.version.pk)


def check(posting: Posting) -> None:
    """Raise ``ValueError`` for what is a mistake of the program: the database would refuse most of it too, later and less clearly."""
    if not posting.moves:
        raise ValueError(f"{posting.key}: an entry moves something")
    if len(posting.moves) > MOVES_MAX:
        raise ValueError(f"{posting.key}: {len(posting.moves)} transfers in one entry")
    if not posting.key or len(posting.key) > 200:
        raise ValueError(f"not a key: {posting.key[:40]!r}")
    for move in posting.moves:
        if not isinstance(move.amount, int) or isinstance(move.amount, bool) or not 0 < move.amount <= LARGEST:
            raise ValueError(f"{posting.key}: not an amount: {move.amount!r}")
        if move.debit.unit != move.credit.unit:
            raise ValueError(f"{posting.key}: {move.debit.unit} and {move.credit.unit} meet in one transfer")
        if move.debit.pk == move.credit.pk:
            raise ValueError(f"{posting.key}: from {move.debit} to itself")


def digest(posting: Posting) -> bytes:
    """What an entry says, in 32 bytes: a repeat has the same, a contradiction another. The moment of booking is not part of it."""
    said = [
        posting.kind,
        posting.subject,
        posting.payer,
        posting.effective_at.isoformat() if posting.effective_at else None,
        [[m.debit.pk, m.credit.pk, m.amount, m.kind, _version(m), dict(m.note or {})] for m in posting.moves],
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).digest()


def lines(entry_id: uuid.UUID, posting: Posting, moment: datetime) -> list[dict[str, Any]]:
    """What the record keeps of an entry: one line for each transfer."""

    def named(account: Account) -> str:
        return f"{account.kind} {account.owner}".strip()

    return [
        {
            "entry": str(entry_id),
            "transfer": ordinal,
            "kind": move.kind,
            "amount": move.amount,
            "unit": move.debit.unit,
            "debit": named(move.debit),
            "credit": named(move.credit),
            "version": _version(move),
            "effective_at": moment.isoformat(),
        }
        for ordinal, move in enumerate(posting.moves)
    ]


def write(postings: Sequence[Posting], now: datetime) -> list[tuple[uuid.UUID, Posting, datetime]]:
    """Insert what is not there yet, in three statements however many. Returns what was new: (entry id, posting, moment).

    Raises ``Refused`` when money is taken out that is not there (an account with a floor).
    """
    ids = [uuid.uuid4() for _posting in postings]
    moments = [posting.effective_at or posting.at or now for posting in postings]
    with connection.cursor() as cursor:
        cursor.execute(
            _ENTRY,
            [
                ids,
                [p.key for p in postings],
                [p.kind for p in postings],
                [p.subject for p in postings],
                [p.payer for p in postings],
                [p.at or now for p in postings],
                moments,
                [digest(p) for p in postings],
            ],
        )
        fresh = {row[0] for row in cursor.fetchall()}
        new = [(one, posting, moment) for one, posting, moment in zip(ids, postings, moments, strict=True) if one in fresh]
        if new:
            _transfers(cursor, new)
    return new


def _transfers(cursor: Any, new: Sequence[tuple[uuid.UUID, Posting, datetime]]) -> None:
    rows = [
        (one, ordinal, m.debit.pk, m.credit.pk, m.debit.unit, m.amount, m.kind, _version(m), json.dumps(dict(m.note or {})), moment)
        for one, posting, moment in new
        for ordinal, m in enumerate(posting.moves)
    ]
    try:
        cursor.execute(_TRANSFER, [list(column) for column in zip(*rows, strict=True)])
    except IntegrityError as error:
        if "ledger_balance_floor" in str(error):
            raise Refused("not-enough", _("There is not enough money there for this. Nothing was booked.")) from error
        raise


def same(entry: Entry, posting: Posting) -> Entry:
    """The entry booked first under this key. Raises ``Refused`` when this one says something else."""
    if bytes(entry.digest) != digest(posting):
        raise Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))
    return entry

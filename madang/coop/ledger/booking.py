"""Writing entries and transfers: the one place with an INSERT into the books."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, connection
from django.utils.translation import gettext as _

from madang.coop import record
from madang.coop.ledger.models import Account, Entry
from madang.coop.ledger.moves import Move, check_move
from madang.coop.ledger.unfit import Unfit
from madang.kit.errors import Refused
from madang.kit.ids import time_ordered
from madang.kit.verify.lines import text_of

MOVES_MAX = 10_000
"""An entry (one event, or one batch) has no more transfers than this, as a leaf of the record has no more lines."""
KEY_MAX = 200
_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode

_ONE = """
SELECT CASE WHEN ledger_book(%s::uuid, %s, %s, %s, %s, %s, %s, %s, %s::uuid,
                             %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::uuid[], %s)
            THEN {leaf} END
"""
_ENTRIES = """
INSERT INTO ledger_entry (id, key, kind, subject, payer, at, effective_at, digest)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bytea[])
ON CONFLICT (key) DO NOTHING RETURNING id
"""
_TRANSFERS = """
INSERT INTO ledger_transfer (debit_id, credit_id, amount, unit, kind, version_id, note, entry_id, ordinal, at)
SELECT m.debit, m.credit, m.amount, m.unit, m.kind, m.version, coalesce(m.note, '{}')::jsonb, m.entry, m.ordinal, m.at
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::uuid[], string_to_array(%s, E'\\n', ''),
            %s::uuid[], %s::smallint[], %s::timestamptz[]) AS m (debit, credit, amount, unit, kind, version, note, entry, ordinal, at)
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
    reverses: uuid.UUID | None = None


@dataclass(frozen=True)
class Columns:
    """The moves of an entry (or of several) as PostgreSQL's array literals, made once: they are hashed, and they are booked."""

    debits: str
    credits: str
    amounts: str
    units: str
    kinds: str
    versions: str
    notes: str

    def __iter__(self) -> Any:
        return iter((self.debits, self.credits, self.amounts, self.units, self.kinds, self.versions, self.notes))


def _version(move: Move) -> str | None:
    """The rule version's id; a rule nobody set yet has its value from the programme and no version to point to."""
    return None if move.version is None or move.version.as_it_came else str(move.version.pk)


def _array(values: Iterable[Any]) -> str:
    """An array literal of numbers, ids, moments and plain words: nothing in it needs quotes."""
    return "{" + ",".join(map(str, values)) + "}"


def columns(moves: Sequence[Move]) -> Columns:
    """The moves as columns. Notes stand one a line (JSON has no line ends), an empty line is none."""
    return Columns(
        _array(m.debit.id for m in moves),
        _array(m.credit.id for m in moves),
        _array(m.amount for m in moves),
        _array(m.debit.unit for m in moves),
        _array(m.kind for m in moves),
        _array(_version(m) or "NULL" for m in moves),
        "\n".join(_json(m.note) if m.note else "" for m in moves),
    )


def check(posting: Posting) -> None:
    """Raise :class:`Unfit` (a ``Refused`` and a ``ValueError``) for what no books take: the database would refuse it too, later and less clearly."""
    if not posting.key or len(posting.key) > KEY_MAX:
        raise Unfit("key", f"not a key: {posting.key[:40]!r}")
    if not posting.moves:
        raise Unfit("empty", f"{posting.key}: an entry moves something")
    if len(posting.moves) > MOVES_MAX:
        raise Unfit("too-many", f"{posting.key}: {len(posting.moves)} transfers in one entry")
    if any(moment is not None and moment.utcoffset() is None for moment in (posting.at, posting.effective_at)):
        raise Unfit("moment", f"{posting.key}: a moment without its time zone")
    for move in posting.moves:
        check_move(move, posting.key)


def digest(posting: Posting, made: Columns | None = None) -> bytes:
    """What an entry says, in 32 bytes: a repeat has the same, a contradiction another. The moment of booking is not part of it."""
    when = posting.effective_at.isoformat() if posting.effective_at else None
    said = [posting.kind, posting.subject, posting.payer, when, str(posting.reverses) if posting.reverses else None, *(made or columns(posting.moves))]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).digest()


def bodies(entry_id: uuid.UUID, posting: Posting, moment: datetime) -> list[str]:
    """What the record keeps of an entry: for each transfer one line of canonical JSON (RFC 8785), written without a general writer."""
    end = f',"effective_at":{text_of(moment.isoformat())},"entry":"{entry_id}","kind":'
    named: dict[int, str] = {}

    def name(account: Account) -> str:
        said = named.get(account.id)
        if said is None:
            said = named[account.id] = text_of(f"{account.kind} {account.owner}".strip())
        return said

    made = []
    for ordinal, move in enumerate(posting.moves):
        version = _version(move)
        made.append(
            f'{{"amount":{move.amount},"credit":{name(move.credit)},"debit":{name(move.debit)}{end}"{move.kind}","transfer":{ordinal},'
            f'"unit":"{move.debit.unit}","version":' + (f'"{version}"}}' if version else "null}")
        )
    return made


def write_one(posting: Posting, now: datetime) -> Entry | None:
    """Insert one entry with its transfers and its leaf in the record in one call. None when its key was used before; nothing is written then.

    Raises ``Refused`` for what the database refuses: see :func:`refusal`.
    """
    made, moment, one, at = columns(posting.moves), posting.effective_at or posting.at or now, time_ordered(now), posting.at or now
    said = digest(posting, made)
    leaf, values = record.call("entry", f"entry:{one}", bodies(one, posting, moment), now=now)
    back = str(posting.reverses) if posting.reverses else None
    head: list[Any] = [str(one), posting.key, posting.kind, posting.subject, posting.payer, at, moment, said, back]
    try:
        with connection.cursor() as cursor:
            cursor.execute(_ONE.format(leaf=leaf), [*head, *made, *values])
            if cursor.fetchone()[0] is None:
                return None
    except (IntegrityError, DataError) as error:
        raise refusal(error) from error
    return Entry(
        id=one, key=posting.key, kind=posting.kind, subject=posting.subject, payer=posting.payer, at=at, effective_at=moment, digest=said,
        reverses_id=posting.reverses,
    )  # fmt: skip


def write(postings: Sequence[Posting], now: datetime) -> list[tuple[uuid.UUID, Posting, datetime]]:
    """Insert many entries, those that are not there yet, in two statements however many. Returns what was new: (entry id, posting, moment)."""
    ids = [time_ordered(now) for _posting in postings]
    moments = [posting.effective_at or posting.at or now for posting in postings]
    head: list[Any] = [
        _array(ids), [p.key for p in postings], [p.kind for p in postings], [p.subject for p in postings], [p.payer for p in postings],
        [p.at or now for p in postings], moments, [digest(p) for p in postings],
    ]  # fmt: skip
    try:
        with connection.cursor() as cursor:
            cursor.execute(_ENTRIES, head)
            fresh = {row[0] for row in cursor.fetchall()}
            new = [(one, posting, moment) for one, posting, moment in zip(ids, postings, moments, strict=True) if one in fresh]
            if new:
                moves = [move for _one, posting, _moment in new for move in posting.moves]
                places = [(one, ordinal, f'"{moment.isoformat()}"') for one, posting, moment in new for ordinal in range(len(posting.moves))]
                cursor.execute(_TRANSFERS, [*columns(moves), *(_array(column) for column in zip(*places, strict=True))])
    except (IntegrityError, DataError) as error:
        raise refusal(error) from error
    return new


def refusal(error: Exception) -> Exception:
    """What the database refused, as a reason for people; an error that is none of ours comes back as it is."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    if name == "ledger_balance_floor":
        return Refused("not-enough", _("There is not enough money there for this. Nothing was booked."))
    if name == "ledger_balance_cap":
        return Refused("too-much", _("This account may not hold as much. Nothing was booked."))
    if name == "ledger_account_closed":
        return Refused("account-closed", _("This account is closed. Nothing was booked."))
    if name == "ledger_entry_reversed_once":
        return Refused("reversed", _("This was taken back before. Nothing was booked."))
    if name == "ledger_entry_reverses":
        return Refused("is-reversal", _("What was taken back cannot be taken back again. Book it anew. Nothing was booked."))
    if name == "ledger_transfer_account":
        return Unfit("account", "an account that is not there")
    if name == "ledger_transfer_unit":
        return Unfit("unit", "two currencies in one transfer")
    if isinstance(error, DataError):
        if getattr(error.__cause__, "sqlstate", "") == "22003":
            return Unfit("amount", "the sums would be larger than any books")
        return Unfit("words", str(error)[:200])
    return error


def same(entry: Entry, posting: Posting) -> Entry:
    """The entry booked first under this key. Raises ``Refused`` when this one says something else."""
    if bytes(entry.digest) != digest(posting):
        raise key_used()
    return entry


def key_used() -> Refused:
    """The refusal of an id that stands for something else."""
    return Refused("key-used", _("This was booked before with other figures. The first booking stands; nothing new was booked."))

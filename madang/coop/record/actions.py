"""What one can do to the record: add to it, and erase private words."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madang.coop.record.models import Leaf, LeafLine, PendingLeaf
from madang.kit import merkle
from madang.kit.errors import Missing, Refused
from madang.kit.verify.lines import SALT_SIZE, body_of, entry_of, line_hash

LINES_MAX = 10_000
BODY_MAX = 4_000_000
Draft = tuple[str, str, Sequence[Mapping[str, Any] | str], bool, datetime]


@dataclass(frozen=True)
class _Prepared:
    entry: bytes
    leaf_hash: bytes
    hashes: list[bytes]
    salts: bytes
    bodies: Sequence[str]


def _prepare(kind: str, subject: str, bodies: Sequence[str], at: datetime) -> _Prepared:
    if at.tzinfo is None:
        raise ValueError("the moment of a leaf is an aware datetime")
    if len(bodies) > LINES_MAX:
        raise ValueError(f"a leaf has at most {LINES_MAX} lines")
    salts, hashes = secrets.token_bytes(SALT_SIZE * len(bodies)), []
    for number, body in enumerate(bodies):
        raw = body.encode()
        if len(raw) > BODY_MAX:
            raise ValueError(f"a line of a leaf holds at most {BODY_MAX} bytes")
        hashes.append(line_hash(salts[number * SALT_SIZE : (number + 1) * SALT_SIZE], raw))
    entry = entry_of(kind, subject, _moment(at), hashes).dumps()
    return _Prepared(entry, merkle.leaf_hash(entry), hashes, salts, bodies)


def _bodies(lines: Sequence[Mapping[str, Any] | str]) -> list[str]:
    return [line if isinstance(line, str) else body_of(line).decode() for line in lines]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


WRITE = "record_write(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
"""The SQL expression that writes a leaf with its lines and answers its pending id; :func:`values` are its values."""


def values(kind: str, subject: str, bodies: Sequence[str], *, public: bool, now: datetime) -> list[Any]:
    """For who writes a leaf in a statement of its own: the values of :data:`WRITE`, of lines that are canonical JSON already."""
    made = _prepare(kind, subject, bodies, now)
    return [kind, subject, now, public, made.entry, made.leaf_hash, b"".join(made.hashes), made.salts, "\n".join(bodies)]


@transaction.atomic(savepoint=False)  # a leaf stands or falls with what it proves
def write(kind: str, subject: str, lines: Sequence[Mapping[str, Any]], *, public: bool, now: datetime) -> PendingLeaf:
    """See :func:`madang.coop.record.write`. One SQL statement."""
    said = values(kind, subject, _bodies(lines), public=public, now=now)
    leaf = PendingLeaf(kind=kind, subject=subject, at=now, public=public, entry=said[4], leaf_hash=said[5])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {WRITE}", said)
        (leaf.pk,) = cursor.fetchone()
    leaf._state.adding, leaf._state.db = False, connection.alias
    return leaf


@transaction.atomic
def write_many(leaves: Sequence[Draft]) -> int:
    """See :func:`madang.coop.record.write_many`. Every constraint and trigger is on."""
    if not leaves:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('record_pendingleaf', 'id')) FROM generate_series(1, %s)", [len(leaves)])
        ids = [number for (number,) in cursor.fetchall()]
        prepared = [_prepare(kind, subject, _bodies(lines), at) for kind, subject, lines, _public, at in leaves]
        heads = (
            (id_, kind, subject, at, public, made.entry, made.leaf_hash)
            for id_, (kind, subject, _lines, public, at), made in zip(ids, leaves, prepared, strict=True)
        )
        _copy(cursor, "record_pendingleaf (id, kind, subject, at, public, entry, leaf_hash)", heads)
        rows = (
            (id_, number, hash_, made.salts[number * SALT_SIZE : (number + 1) * SALT_SIZE], body)
            for id_, made in zip(ids, prepared, strict=True)
            for number, (hash_, body) in enumerate(zip(made.hashes, made.bodies, strict=True))
        )
        _copy(cursor, "record_leafline (written, line_no, line_hash, salt, body)", rows)
    return len(leaves)


def _copy(cursor: Any, into: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@transaction.atomic
def erase(subject: str, line_no: int | None = None) -> int:
    """Forget the salt and the words of a subject's private lines; see :func:`madang.coop.record.erase`.

    Safe to repeat. Raises ``Missing`` when there is no such leaf, ``Refused`` when it is public.
    """
    lines = _private_lines([subject])
    if lines is None:
        raise Missing(subject)
    if line_no is not None:
        lines = lines.filter(line_no=line_no)
    return lines.update(salt=None, body=None)


@transaction.atomic
def forget(subjects: Sequence[str]) -> int:
    """See :func:`madang.coop.record.forget`. Three queries."""
    lines = _private_lines(subjects)
    return lines.update(salt=None, body=None) if lines is not None else 0


def _private_lines(subjects: Sequence[str]) -> QuerySet[LeafLine] | None:
    """The lines of these subjects that still have words; None when no leaf is theirs. Raises ``Refused`` when one is public. Two queries."""
    # A leaf that is being sealed moves from waiting to sealed: looked for in that order it is in one of the two, or in both.
    known = [*PendingLeaf.objects.filter(subject__in=subjects).values_list("id", "public")]
    known += Leaf.objects.filter(subject__in=subjects).values_list("written", "public")
    if any(public for _written, public in known):
        raise Refused("record.public", _("This part of the record is public and stays, so that everyone can check it."))
    return LeafLine.objects.filter(written__in=[written for written, _public in known], body__isnull=False) if known else None

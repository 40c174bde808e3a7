"""What can be proved: a transparency log (RFC 6962, C2SP tlog-tiles) of everything that mattered.

An action calls :func:`write` inside its own transaction; one sealer puts the leaves in order and signs a checkpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.migrations.operations.base import Operation

    from madang.coop.record.models import Checkpoint, PendingLeaf


def write(kind: str, subject: str, lines: Sequence[Mapping[str, Any]], *, public: bool = False, now: datetime) -> PendingLeaf:
    """Leave a trace of something that happened, in the caller's transaction and without a lock.

    ``kind`` is the leaf's type (``rule``, ``entry``, ``decision.tally`` …), ``subject`` an opaque name such as ``"entry:<uuid>"`` that
    tells nothing about a person. Each of ``lines`` is a JSON object without floats; it is salted and hashed on its own, so that one
    line can be shown without the others. ``public=True`` lets everyone read the lines. Raises ``ValueError`` for what cannot be recorded.
    """
    from madang.coop.record import actions

    return actions.write(kind, subject, lines, public=public, now=now)


def call(kind: str, subject: str, bodies: Sequence[str], *, public: bool = False, now: datetime) -> tuple[str, list[Any]]:
    """The same as an SQL expression and its values, for who writes a leaf in one statement with what it proves.

    ``bodies`` are lines that are canonical JSON already (:func:`madang.kit.canonical.dumps`).
    """
    from madang.coop.record import actions

    return actions.WRITE, actions.values(kind, subject, bodies, public=public, now=now)


def write_many(leaves: Sequence[tuple[str, str, Sequence[Mapping[str, Any] | str], bool, datetime]]) -> int:
    """The same for many leaves at once, by COPY: ``(kind, subject, lines, public, at)`` each, in order. Returns how many.

    A line that is a string is canonical JSON already."""
    from madang.coop.record import actions

    return actions.write_many(leaves)


def seal(now: datetime) -> Checkpoint | None:
    """Put all pending leaves in order and sign a checkpoint. Returns the newest checkpoint, None while nothing was ever written."""
    from madang.coop.record import sealing

    return sealing.seal(now)


def receipt(subject: str, line_no: int = 0, *, kind: str | None = None) -> str:
    """The receipt (C2SP tlog-proof text) for one line; the caller has checked who asks.

    Raises ``Missing`` when there is no such line, ``Refused`` when it is not sealed yet or its words were erased.
    """
    from madang.coop.record import queries

    return queries.receipt(subject, line_no, kind=kind)


def public_words(kind: str) -> dict[str, dict[str, Any]]:
    """What the record says in the first line of every public leaf of a type, by subject: for holding what is stored against it."""
    from madang.coop.record import queries

    return queries.public_words(kind)


def erase(subject: str, line_no: int | None = None) -> int:
    """Forget the words and the salt of a subject's private lines (or of one line); the proofs of all others stay. Returns how many."""
    from madang.coop.record import actions

    return actions.erase(subject, line_no)


def forget(subjects: Sequence[str]) -> int:
    """The same for several subjects at once, some of which may have no leaf: for when a person's data are erased. Returns how many lines."""
    from madang.coop.record import actions

    return actions.forget(subjects)


def append_only(*tables: str) -> Operation:
    """The migration operation that has the database itself refuse UPDATE, DELETE and TRUNCATE on these tables, for the owner too."""
    from madang.coop.record.triggers import protect

    return protect(*tables)


__all__ = ["append_only", "call", "erase", "forget", "public_words", "receipt", "seal", "write", "write_many"]

"""What one can ask the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from madang.coop.record import keys, sealing
from madang.coop.record.models import Checkpoint, Leaf, LeafLine, PendingLeaf, Tile
from madang.kit import canonical, note, tiles
from madang.kit.errors import Missing, Refused
from madang.kit.proof import Proof
from madang.kit.verify import receipt as receipts
from madang.kit.verify.lines import Entry


@dataclass(frozen=True)
class Line:
    """One line of a leaf; ``body`` is None when it was erased or is not for everyone."""

    number: int
    hash: bytes
    body: dict[str, Any] | None


def latest() -> Checkpoint | None:
    """The newest checkpoint. One query."""
    return Checkpoint.objects.order_by("-size").first()


def leaf_for(subject: str, kind: str | None = None) -> Leaf | None:
    """The newest sealed leaf of a subject (of one kind, if given), or None. One query."""
    found = Leaf.objects.filter(subject=subject)
    return (found.filter(kind=kind) if kind else found).order_by("-index").first()


def waiting(subject: str, kind: str | None = None) -> bool:
    """Whether a leaf of this subject still waits to be sealed. One query."""
    found = PendingLeaf.objects.filter(subject=subject)
    return (found.filter(kind=kind) if kind else found).exists()


def leaf(index: int) -> Leaf:
    """The leaf at a place. Raises ``Missing``. One query."""
    found = Leaf.objects.filter(index=index).first()
    if found is None:
        raise Missing(f"leaf {index}")
    return found


def leaves(*, before: int | None = None, kind: str = "", limit: int = 50) -> list[Leaf]:
    """The newest leaves first, those below ``before`` if given, of one kind if given. One query."""
    found = Leaf.objects.all()
    if before is not None:
        found = found.filter(index__lt=before)
    if kind:
        found = found.filter(kind=kind)
    return list(found.order_by("-index")[: max(1, min(limit, 200))])


_KINDS = """
WITH RECURSIVE found AS (
    (SELECT kind FROM record_leaf ORDER BY kind LIMIT 1)
    UNION ALL
    SELECT (SELECT kind FROM record_leaf WHERE kind > found.kind ORDER BY kind LIMIT 1) FROM found WHERE found.kind IS NOT NULL
) SELECT kind FROM found WHERE kind IS NOT NULL
"""


def kinds() -> list[str]:
    """Which types of leaves there are. One query that hops along the index, whatever the size of the log."""
    with connection.cursor() as cursor:
        cursor.execute(_KINDS)
        return [kind for (kind,) in cursor.fetchall()]


def lines(of: Leaf, *, opened: bool = False) -> list[Line]:
    """The lines of a leaf, with their words where they are public (or where the caller checked who asks: ``opened``). One query."""
    rows = LeafLine.objects.filter(written=of.written).order_by("line_no").values_list("line_no", "line_hash", "body")[:1000]
    show = of.public or opened
    return [Line(number, bytes(hash_), canonical.loads(body.encode()) if show and body is not None else None) for number, hash_, body in rows]


def first_bodies(of: Sequence[Leaf]) -> dict[int, dict[str, Any]]:
    """The first line's words of those of these leaves that are public, by index. One query."""
    places = {leaf.written: leaf.index for leaf in of if leaf.public}
    rows = LeafLine.objects.filter(written__in=places, line_no=0, body__isnull=False).values_list("written", "body")
    return {places[written]: canonical.loads(body.encode()) for written, body in rows if body is not None}


def public_words(kind: str) -> dict[str, dict[str, Any]]:
    """What the record says in the first line of every public leaf of a type, sealed or waiting, by subject. Three queries."""
    places: dict[int, str] = dict(Leaf.objects.filter(kind=kind, public=True).values_list("written", "subject"))
    places |= dict(PendingLeaf.objects.filter(kind=kind, public=True).values_list("id", "subject"))
    rows = LeafLine.objects.filter(written__in=places, line_no=0, body__isnull=False).values_list("written", "body")
    return {places[written]: canonical.loads(body.encode()) for written, body in rows if body is not None}


def pending(older_than: datetime | None = None) -> int:
    """How many leaves wait to be sealed (of those written before a moment). One query."""
    found = PendingLeaf.objects.all()
    return (found.filter(at__lt=older_than) if older_than else found).count()


def tile(which: tiles.Tile, size: int) -> bytes:
    """The bytes of a tile or entry bundle of the log of this size. Raises ``Missing`` when it has none such.

    One query, two for a full tile that is gone (``madang check`` tells) and is made from the rows below.
    """
    level, low = which.level or 0, which.index * tiles.WIDTH
    if which.index >= 1 << 48 or tiles.width_at(level, which.index, size) < which.width:
        raise Missing(which.path)
    if which.level is None:
        rows = Leaf.objects.filter(index__gte=low, index__lt=low + which.width).order_by("index").values_list("entry", flat=True)
        return tiles.bundle(bytes(row) for row in rows)
    if which.width == tiles.WIDTH:
        stored = Tile.objects.filter(level=level, index=which.index).values_list("data", flat=True).first()
        if stored is not None:
            return bytes(stored)
    return b"".join(sealing.hashes(level, low, low + which.width))


def tree(checkpoint: Checkpoint) -> tiles.TiledTree:
    """The tree of a checkpoint, read from the stored tiles as far as a proof needs them."""
    return tiles.TiledTree(checkpoint.size, lambda which: tile(which, checkpoint.size))


def proof(of: Leaf, checkpoint: Checkpoint | None = None) -> Proof:
    """The proof that a leaf is in the log of a checkpoint (the newest by default). A handful of queries, whatever the size."""
    checkpoint = checkpoint or latest()
    if checkpoint is None or checkpoint.size <= of.index:
        raise Missing(f"leaf {of.index} is in no checkpoint")
    return Proof(of.index, tree(checkpoint).inclusion(of.index), checkpoint.note)


def receipt(subject: str, line_no: int = 0, *, kind: str | None = None) -> str:
    """See :func:`madang.coop.record.receipt`."""
    found = leaf_for(subject, kind)
    if found is None:
        if waiting(subject, kind):
            raise Refused("record.waiting", _("This was just written down and is being sealed. Please try again in a moment."))
        raise Missing(subject)
    return receipt_of(found, line_no)


def receipt_of(found: Leaf, line_no: int) -> str:
    """The receipt for one line of a sealed leaf; the caller has checked who asks. Raises ``Missing`` or ``Refused``."""
    rows = list(LeafLine.objects.filter(written=found.written).order_by("line_no"))
    if not 0 <= line_no < len(rows):
        raise Missing(f"{found.subject} has no line {line_no}")
    row = rows[line_no]
    if row.body is None or row.salt is None:
        raise Refused("record.erased", _("The words of this line were erased. Its trace in the record stays, but nobody can read or prove it any more."))
    entry = Entry.loads(bytes(found.entry))
    body = canonical.loads(row.body.encode())
    return receipts.make(entry, line_no, bytes(row.salt), body, [bytes(item.line_hash) for item in rows], proof(found)).dumps()


def checkpoint_at(size: int) -> Checkpoint | None:
    """The checkpoint of exactly this size, if one was signed. One query."""
    return Checkpoint.objects.filter(size=size).first()


def sizes(limit: int = 20) -> Sequence[Checkpoint]:
    """The newest checkpoints, newest first. One query."""
    return list(Checkpoint.objects.order_by("-size")[:limit])


def checkpoint_text() -> str:
    """The newest checkpoint as the signed note it is; "" while there is none. One query."""
    found = latest()
    return found.note if found else ""


def continues(checkpoint: note.Checkpoint) -> bool:
    """Whether the record here only adds to that checkpoint (whose signature the caller has checked). A handful of queries."""
    newest = latest()
    return newest is not None and checkpoint.size <= newest.size and tree(newest).root(checkpoint.size) == checkpoint.root


def extends(text: str) -> bool:
    """Whether a signed checkpoint is ours, and the record here is the same or only adds to it."""
    verifier = keys.verifier()
    try:
        return verifier is not None and continues(note.open_checkpoint(text, verifier))
    except note.NoteError:
        return False

"""The sealer: puts pending leaves in order and signs how long the log is now and what it hashes to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from madang.coop.record import keys
from madang.coop.record.models import Checkpoint, Leaf, PendingLeaf, Tile
from madang.kit import merkle, note, tiles

BATCH = 20_000
_LOCK = 0x6D61_6461_6E67  # the advisory lock of the one sealer

_ORDER = """
INSERT INTO record_leaf (index, written, kind, subject, at, public, entry, leaf_hash)
SELECT %s + row_number() OVER (ORDER BY id) - 1, id, kind, subject, at, public, entry, leaf_hash
FROM (SELECT * FROM record_pendingleaf ORDER BY id LIMIT %s) AS batch
"""
_TAKEN = "DELETE FROM record_pendingleaf WHERE id = ANY(ARRAY(SELECT written FROM record_leaf WHERE index >= %s))"  # by key, whatever the planner believes


class SealingError(RuntimeError):
    """The stored tree and its last checkpoint do not fit: nothing more is signed until someone has looked (``madang check``)."""


def seal(now: datetime, *, batch: int = BATCH) -> Checkpoint | None:
    """Seal until nothing waits, one transaction a batch. Returns the newest checkpoint, None while nothing was ever written.

    Raises :class:`keys.KeyTrouble` when the signing key is gone and :class:`SealingError` when the stored tree is damaged.
    """
    while PendingLeaf.objects.exists():
        _seal_batch(now, batch)
    return Checkpoint.objects.order_by("-size").first()


@transaction.atomic
def _seal_batch(now: datetime, batch: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        last = Checkpoint.objects.order_by("-size").first()
        size = last.size if last else 0
        edge = edge_of(size)
        if last and edge.root() != bytes(last.root):
            raise SealingError(f"The stored tree of {size} leaves does not hash to its checkpoint.")
        cursor.execute(_ORDER, [size, batch])
        added = cursor.rowcount
        if not added:
            return
        cursor.execute(_TAKEN, [size])
        if cursor.rowcount != added:
            raise SealingError(f"{added} leaves were put in order, but {cursor.rowcount} were waiting.")
    fresh = [bytes(item) for item in Leaf.objects.filter(index__gte=size).order_by("index").values_list("leaf_hash", flat=True)]
    _add_tiles(size, fresh)
    for item in fresh:
        edge.append(item)
    signer = keys.ensure()
    text = note.Checkpoint(signer.name, edge.size, edge.root()).text
    Checkpoint.objects.create(size=edge.size, root=edge.root(), note=signer.sign(text), key=signer.verifier.vkey, at=now)


def edge_of(size: int) -> merkle.CompactRange:
    """The right edge of the stored tree at this size, from its tiles: a few queries, whatever the size."""
    edge: list[bytes] = []
    for level in reversed(range(tiles.levels(size))):
        count = size >> (tiles.HEIGHT * level)
        start = count - count % tiles.WIDTH
        row = hashes(level, start, count)
        while row:  # the perfect subtrees of a partial tile, widest first
            width = 1 << (len(row).bit_length() - 1)
            edge.append(merkle.perfect_root(row[:width]))
            row = row[width:]
    return merkle.CompactRange(size, edge)


def hashes(level: int, low: int, high: int) -> Sequence[bytes]:
    """The hashes low … high-1 of a level of tiles: leaf hashes at 0, roots of full tiles above."""
    if level == 0:
        return [bytes(row) for row in Leaf.objects.filter(index__gte=low, index__lt=high).order_by("index").values_list("leaf_hash", flat=True)]
    above = Tile.objects.filter(level=level - 1, index__gte=low, index__lt=high)
    return [bytes(row) for row in above.order_by("index").values_list("root", flat=True)]


def _add_tiles(size: int, fresh: Sequence[bytes]) -> None:
    """Store each tile that the fresh leaf hashes fill, level by level."""
    level, added, before = 0, list(fresh), size
    while added:
        start = before - before % tiles.WIDTH
        row = [*hashes(level, start, before), *added]
        full = [row[at : at + tiles.WIDTH] for at in range(0, len(row) - tiles.WIDTH + 1, tiles.WIDTH)]
        roots = [merkle.perfect_root(part) for part in full]
        first = start // tiles.WIDTH
        Tile.objects.bulk_create(
            [
                Tile(level=level, index=first + number, data=b"".join(part), root=root)
                for number, (part, root) in enumerate(zip(full, roots, strict=True))
            ],
            batch_size=500,
        )
        level, added, before = level + 1, roots, first

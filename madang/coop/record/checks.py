"""What must hold of the stored record at any time (``madang check``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Count, Max, Min

from madang.coop.record import keys
from madang.coop.record.models import Checkpoint, Leaf, LeafLine, PendingLeaf, Tile
from madang.kit import merkle, note, tiles
from madang.kit.verify.lines import Entry, line_hash

PENDING_MAX = timedelta(minutes=10)
PROBLEMS_MAX = 20


def tree_recomputes() -> Sequence[str]:
    """The whole tree, made again from the entries: every leaf hash, every tile, and the root in every checkpoint."""
    problems: list[str] = []
    edge = merkle.CompactRange()
    rows: list[list[bytes]] = []
    roots = {size: bytes(root) for size, root in Checkpoint.objects.values_list("size", "root")}
    tiled = Tile.objects.values_list("level", "index", "data", "root").iterator(500)
    stored = {(level, index): (bytes(data), bytes(root)) for level, index, data, root in tiled}
    full: list[int] = []
    for index, entry, leaf_hash in Leaf.objects.order_by("index").values_list("index", "entry", "leaf_hash").iterator(5000):
        hash_ = merkle.leaf_hash(bytes(entry))
        if index != edge.size:
            problems.append(f"Leaf {edge.size} is missing.")
            break
        if hash_ != bytes(leaf_hash):
            problems.append(f"Leaf {index} does not hash to what is stored.")
        edge.append(hash_)
        _fill(rows, full, hash_, stored, problems)
        if edge.size in roots and edge.root() != roots.pop(edge.size):
            problems.append(f"The checkpoint of {edge.size} leaves has another root than the leaves.")
        if len(problems) >= PROBLEMS_MAX:
            break
    else:
        problems += [f"The checkpoint of {size} leaves is longer than the log." for size in roots]
        problems += [f"Tile {level}/{index} should not be there." for level, index in stored]
        if edge.size and (Checkpoint.objects.aggregate(newest=Max("size"))["newest"] or 0) != edge.size:
            problems.append(f"The log has {edge.size} leaves and no checkpoint of that size.")
    return problems


def _fill(rows: list[list[bytes]], full: list[int], hash_: bytes, stored: dict[tuple[int, int], tuple[bytes, bytes]], problems: list[str]) -> None:
    """Add a hash to the lowest tile; each tile it fills must be stored just so."""
    level = 0
    while True:
        if level == len(rows):
            rows.append([])
            full.append(0)
        rows[level].append(hash_)
        if len(rows[level]) < tiles.WIDTH:
            return
        hash_ = merkle.perfect_root(rows[level])
        if stored.pop((level, full[level]), None) != (b"".join(rows[level]), hash_):
            problems.append(f"Tile {level}/{full[level]} is not what its leaves give.")
        rows[level] = []
        full[level] += 1
        level += 1


def checkpoints_are_signed() -> Sequence[str]:
    """Every checkpoint is a note that its key signed, of the size and root it is stored under; the newest by the key at hand."""
    problems = []
    newest = None
    for checkpoint in Checkpoint.objects.order_by("size").iterator(1000):
        newest = checkpoint
        try:
            found = note.open_checkpoint(checkpoint.note, note.Verifier.parse(checkpoint.key))
        except note.NoteError as wrong:
            problems.append(f"The checkpoint of {checkpoint.size} leaves: {wrong}.")
            continue
        if (found.size, found.root) != (checkpoint.size, bytes(checkpoint.root)):
            problems.append(f"The checkpoint of {checkpoint.size} leaves says something else than its row.")
    verifier = keys.verifier()
    if newest is not None and (verifier is None or verifier.vkey != newest.key):
        problems.append("The signing key at hand is not the one that signed the record: nothing can be sealed.")
    return problems[:PROBLEMS_MAX]


def lines_fit() -> Sequence[str]:
    """Every leaf has as many lines as its entry says, their hashes lead to the entry's root, and the words that are kept have those hashes."""
    problems: list[str] = []
    last = -1
    while len(problems) < PROBLEMS_MAX:
        part = list(Leaf.objects.filter(index__gt=last).order_by("index").values_list("index", "written", "entry")[:5000])
        if not part:
            break
        hashes: dict[int, list[bytes]] = {}
        lines = LeafLine.objects.filter(written__in=[written for _index, written, _entry in part]).order_by("written", "line_no")
        for written, number, hash_, salt, body in lines.values_list("written", "line_no", "line_hash", "salt", "body").iterator(5000):
            hashes.setdefault(written, []).append(bytes(hash_))
            if body is not None and salt is not None and line_hash(bytes(salt), body.encode()) != bytes(hash_):
                problems.append(f"Line {number} of what was written as {written} does not say what was sealed.")
        for index, written, raw in part:
            entry, found = Entry.loads(bytes(raw)), hashes.get(written, [])
            if len(found) != entry.lines or merkle.root(found) != entry.root:
                problems.append(f"The lines of leaf {index} ({entry.subject}) are not the ones its entry was made of.")
        last = part[-1][0]
    return problems[:PROBLEMS_MAX]


def nothing_waits_long() -> Sequence[str]:
    """The sealer keeps up: no leaf was passed over for ten minutes while others, written later, were sealed or wait."""
    found = PendingLeaf.objects.aggregate(oldest=Min("at"), newest=Max("at"), n=Count("id"))
    newest = max(filter(None, (found["newest"], Checkpoint.objects.aggregate(newest=Max("at"))["newest"])), default=None)
    if found["oldest"] is None or newest is None or newest - found["oldest"] <= PENDING_MAX:
        return []
    return [f"{found['n']} leaves wait to be sealed, the oldest since {found['oldest']:%Y-%m-%d %H:%M} UTC. Is the sealer running?"]

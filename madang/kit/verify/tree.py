"""The tree of an export, made again from its entries and compared with every tile and the checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Container
from pathlib import Path

from madang.kit import merkle, tiles
from madang.kit.verify.lines import Entry
from madang.kit.verify.report import Report

Keep = Callable[[int, Entry], bool]


def rebuild(folder: Path, size: int, keep: Keep, report: Report) -> tuple[merkle.CompactRange, dict[int, Entry]]:
    """Read all entry bundles, hash them up, and compare each tile. Returns the tree's edge and the entries that ``keep`` asked for."""
    edge = merkle.CompactRange()
    kept: dict[int, Entry] = {}
    rows: list[list[bytes]] = [[] for _ in range(tiles.levels(size))]  # the tile being filled at each level
    full = [0] * len(rows)
    for bundle in tiles.of_size(size):
        if bundle.level is not None:
            break
        for offset, raw in enumerate(_entries(folder, bundle, report)):
            index = bundle.index * tiles.WIDTH + offset
            entry = _entry(raw, index, report)
            if entry and keep(index, entry):
                kept[index] = entry
            hash_ = merkle.leaf_hash(raw)
            edge.append(hash_)
            rows[0].append(hash_)
        for level, row in enumerate(rows):
            if len(row) < tiles.WIDTH:
                break
            _compare(folder, tiles.Tile(level, full[level]), row[: tiles.WIDTH], report)
            full[level] += 1
            if level + 1 < len(rows):
                rows[level + 1].append(merkle.perfect_root(row[: tiles.WIDTH]))
            row.clear()
    for level, row in enumerate(rows):
        width = tiles.width_at(level, full[level], size)  # what the size asks for, should leaves be missing
        if 0 < width < tiles.WIDTH:
            _compare(folder, tiles.Tile(level, full[level], width), row, report)
    return edge, kept


def _entries(folder: Path, bundle: tiles.Tile, report: Report) -> list[bytes]:
    try:
        entries = tiles.split_bundle((folder / bundle.path).read_bytes())
    except (OSError, ValueError) as wrong:
        report.problem(f"The entries in {bundle.path} cannot be read: {_why(wrong)}.")
        return []
    if len(entries) != bundle.width:
        first = bundle.index * tiles.WIDTH
        report.problem(f"{bundle.path} holds {len(entries)} leaves instead of {bundle.width} (leaves {first} to {first + bundle.width - 1}).")
    return entries


def _entry(raw: bytes, index: int, report: Report) -> Entry | None:
    try:
        return Entry.loads(raw)
    except ValueError as wrong:
        report.problem(f"Leaf {index} is not an entry of ours: {wrong}.")
        return None


def _compare(folder: Path, tile: tiles.Tile, hashes: list[bytes], report: Report) -> None:
    """Say which hash of a tile is not what the entries give."""
    try:
        stored = tiles.split_hashes((folder / tile.path).read_bytes())
    except (OSError, ValueError) as wrong:
        report.problem(f"The tile {tile.path} cannot be read: {_why(wrong)}.")
        return
    if stored == hashes:
        return
    if len(stored) != len(hashes):
        report.problem(f"The tile {tile.path} has {len(stored)} hashes; the entries give {len(hashes)}.")
    for offset, (mine, theirs) in enumerate(zip(hashes, stored, strict=False)):
        if mine != theirs:
            what = f"leaf {tile.index * tiles.WIDTH + offset}" if tile.level == 0 else f"hash {offset}"
            report.problem(f"{what.capitalize()} does not hash to what the tile {tile.path} says.")
            return


def needed(size: int, listed: Container[str], report: Report) -> None:
    """Every tile and bundle of a log of this size must be named in the manifest."""
    for tile in tiles.of_size(size):
        if tile.path not in listed:
            report.problem(f"The manifest does not name {tile.path}, which a log of {size} leaves has.")


def _why(wrong: Exception) -> str:
    if isinstance(wrong, OSError):
        return "the file is not there" if isinstance(wrong, FileNotFoundError) else (wrong.strerror or "it cannot be opened")
    return str(wrong)

"""Tiles: a Merkle tree as files of 256 hashes, and bundles of 256 entries (C2SP tlog-tiles)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from struct import Struct

from madang.kit import merkle

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRY_MAX = 0xFFFF
_LENGTH = Struct(">H")
_PATH = re.compile(r"tile/(?P<level>entries|0|[1-5][0-9]?|6[0-3]?|[7-9])/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True)
class Tile:
    """One tile or (``level`` None) one entry bundle: its place, and its width when it is not full."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Like ``tile/0/x001/x234/067.p/112``."""
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{index_path(self.index)}{partial}"


def index_path(index: int) -> str:
    """1234067 → ``x001/x234/067``."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def parse_path(path: str) -> Tile:
    """The tile a path names. Raises ``ValueError`` unless it is written exactly as :attr:`Tile.path` writes it."""
    match = _PATH.fullmatch(path)
    if not match:
        raise ValueError(f"not a tile's path: {path!r}")
    level = None if match["level"] == "entries" else int(match["level"])
    tile = Tile(level, int(match["index"].replace("x", "").replace("/", "")), int(match["width"] or WIDTH))
    if tile.path != path or tile.width > WIDTH:
        raise ValueError(f"not a tile's path: {path!r}")
    return tile


def of_size(size: int) -> Iterator[Tile]:
    """Every tile and bundle of a log of this size, partial ones included, in the order of levels (bundles first)."""
    for level in (None, *range(levels(size))):
        count = size >> (HEIGHT * (level or 0))
        for index in range(count // WIDTH):
            yield Tile(level, index)
        if count % WIDTH:
            yield Tile(level, count // WIDTH, count % WIDTH)


def levels(size: int) -> int:
    """How many levels of tiles a log of this size has."""
    count = 0
    while size:
        size >>= HEIGHT
        count += 1
    return count


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a log of this size (0 … 256)."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - index * WIDTH))


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes of a tile. Raises ``ValueError`` for a broken length."""
    if len(data) % merkle.HASH_SIZE:
        raise ValueError("a tile is a whole number of 32-byte hashes")
    return [data[i : i + merkle.HASH_SIZE] for i in range(0, len(data), merkle.HASH_SIZE)]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries as a bundle: each after its length in two bytes. Raises ``ValueError`` for one past 65,535 bytes."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > ENTRY_MAX:
            raise ValueError(f"an entry holds at most {ENTRY_MAX} bytes")
        parts += (_LENGTH.pack(len(entry)), entry)
    return b"".join(parts)


def split_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ``ValueError`` when it is cut short."""
    entries, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("the bundle is cut short")
        (length,) = _LENGTH.unpack_from(data, at)
        at += 2
        if at + length > len(data):
            raise ValueError("the bundle is cut short")
        entries.append(data[at : at + length])
        at += length
    return entries


class TiledTree:
    """A tree that reads its hashes from tiles: makes any proof with a handful of them.

    ``read(tile)`` gives the bytes of a tile of the log of ``size``; each is asked for once.
    """

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._read = read
        self._kept: dict[Tile, Sequence[bytes]] = {}

    def node(self, height: int, index: int) -> bytes:
        """The hash of a complete node. Raises ``ValueError`` when a tile is too short."""
        level, within = divmod(height, HEIGHT)
        start, count = index << within, 1 << within
        place = start // WIDTH
        hashes = self._hashes(Tile(level, place, width_at(level, place, self.size) or WIDTH))
        part = hashes[start % WIDTH : start % WIDTH + count]
        if len(part) != count:
            raise ValueError(f"the tree of {self.size} has no complete node {index} at height {height}")
        return merkle.perfect_root(part)

    def root(self, size: int | None = None) -> bytes:
        return merkle.range_root(self.node, 0, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        return merkle.inclusion_path(self.node, index, self.size if size is None else size)

    def consistency(self, first: int, second: int | None = None) -> list[bytes]:
        return merkle.consistency_path(self.node, first, self.size if second is None else second)

    def _hashes(self, tile: Tile) -> Sequence[bytes]:
        if tile not in self._kept:
            hashes = split_hashes(self._read(tile))
            if len(hashes) != tile.width:
                raise ValueError(f"{tile.path} has {len(hashes)} hashes instead of {tile.width}")
            self._kept[tile] = hashes
        return self._kept[tile]

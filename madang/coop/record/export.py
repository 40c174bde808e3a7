"""``madang export``: everything public, as files that anyone can check without us."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from madang.coop.record import keys, queries, sealing
from madang.coop.record.models import Checkpoint, Leaf, LeafLine, PendingLeaf, Tile
from madang.kit import canonical, tiles
from madang.kit.errors import Refused
from madang.kit.note import Signer
from madang.kit.verify.manifest import CHECKPOINT, KEY, NAME, Manifest, file_of, walk
from madang.kit.verify.opened import OpenLine, path_of

README = """\
This is the public record of a platform co-operative that runs on Madang.
Check it on your own computer, with no database and no network:

    madang verify . --key 'KEY'

KEY is the verification key that the co-op's members know (the file "key" holds the one this export claims).

checkpoint      how long the log is and what it hashes to, signed (c2sp.org/tlog-checkpoint)
tile/           the Merkle tree (RFC 6962) and its entries (c2sp.org/tlog-tiles)
public/         the words of everything public: rules, decisions, tallies; one JSON object a line
manifest        every file with its size and SHA-256, signed

이 폴더는 마당으로 운영하는 플랫폼 협동조합의 공개 기록입니다. 위의 명령으로 데이터베이스도 인터넷도 없이 직접 검증할 수 있습니다.
KEY 자리에는 조합원들이 알고 있는 검증 키를 넣으세요.
"""
_CHUNK = tiles.WIDTH * 32


def export(folder: Path) -> Manifest:
    """Seal what waits, then write the log as of the newest checkpoint into a new or empty folder; all of it or nothing.

    Raises ``Refused`` when there is something in the folder already or nothing to export.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused("record.export.there", _("There is something at {folder} already. Nothing was written; name a new folder.").format(folder=folder))
    newest = PendingLeaf.objects.aggregate(newest=Max("at"))["newest"]
    checkpoint = sealing.seal(newest) if newest else queries.latest()
    if checkpoint is None:
        raise Refused("record.export.nothing", _("The record is still empty: there is nothing to export before the co-op is founded."))
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        manifest = _write(draft, checkpoint, keys.ensure())
        draft.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return manifest


def _write(folder: Path, checkpoint: Checkpoint, signer: Signer) -> Manifest:
    _file(folder, CHECKPOINT, checkpoint.note.encode())
    _file(folder, KEY, (signer.verifier.vkey + "\n").encode())
    _file(folder, "README.txt", README.encode())
    _tiles(folder, checkpoint.size)
    _public(folder, checkpoint.size)
    files = {path: file_of(folder / path) for path in walk(folder)[0]}
    manifest = Manifest(signer.name, checkpoint.size, files)
    _file(folder, NAME, signer.sign(manifest.text).encode())
    return manifest


def _file(folder: Path, path: str, data: bytes) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _tiles(folder: Path, size: int) -> None:
    """All tiles and bundles of this size: full tiles as stored, the rest from the rows below."""
    for start in range(0, size, _CHUNK):
        rows = Leaf.objects.filter(index__gte=start, index__lt=min(size, start + _CHUNK)).order_by("index").values_list("entry", flat=True)
        entries = [bytes(row) for row in rows]
        for at in range(0, len(entries), tiles.WIDTH):
            part = entries[at : at + tiles.WIDTH]
            _file(folder, tiles.Tile(None, (start + at) // tiles.WIDTH, len(part)).path, tiles.bundle(part))
    for tile in tiles.of_size(size):
        if tile.level is not None and tile.width < tiles.WIDTH:
            _file(folder, tile.path, queries.tile(tile, size))
    for level, index, data in Tile.objects.values_list("level", "index", "data").order_by("level", "index").iterator(500):
        if tiles.width_at(level, index, size) == tiles.WIDTH:
            _file(folder, tiles.Tile(level, index).path, bytes(data))


def _public(folder: Path, size: int) -> None:
    """One file for each type of public leaf."""
    for kind in Leaf.objects.filter(public=True, index__lt=size).order_by("kind").values_list("kind", flat=True).distinct():
        target = folder / path_of(kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            file.writelines(line.dumps() for line in _lines(kind, size))


def _lines(kind: str, size: int) -> Iterator[OpenLine]:
    found = Leaf.objects.filter(kind=kind, public=True, index__lt=size).order_by("index").values_list("index", "written")
    pairs = list(found)
    for at in range(0, len(pairs), 1000):
        part = pairs[at : at + 1000]
        lines: dict[int, list[tuple[int, bytes, str]]] = {}
        rows: Any = LeafLine.objects.filter(written__in=[written for _index, written in part]).order_by("line_no")
        for written, number, salt, body in rows.values_list("written", "line_no", "salt", "body"):
            lines.setdefault(written, []).append((number, bytes(salt), body))
        for index, written in part:
            for number, salt, body in lines.get(written, ()):
                yield OpenLine(index, number, salt, canonical.loads(body.encode()))

"""Where files of music stand in the data folder: originals as they came, renditions and covers made by the program. Names are ours, never a person's."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from madang.kit.errors import Missing, Refused

_NAME = re.compile(r"[a-z]+/[0-9a-f]{2}/[0-9a-f-]{36}(?:\.[a-z0-9]{1,5})?(?:/[a-z0-9]+\.[a-z0-9]{1,5})?")
SPARE = 512 * 1024**2
"""So much of the disk is left free: a full disk stops the whole co-op, a refused upload only itself."""


def root() -> Path:
    """The folder all of it stands in."""
    return Path(settings.DATA) / "music"


def path_of(name: str) -> Path:
    """The file with this stored name. Raises ``Missing`` for a name that is none of ours."""
    if not _NAME.fullmatch(name):
        raise Missing("no such file")
    return root() / name


def new_name(kind: str, suffix: str = "") -> str:
    """A name nobody has: "originals/3f/3f0a….flac"."""
    one = str(uuid4())
    return f"{kind}/{one[:2]}/{one}{suffix if re.fullmatch(r'[.][a-z0-9]{1,5}', suffix) else ''}"


def room_for(size: int) -> None:
    """Raises ``Refused`` (``disk``) where the disk would be nearly full afterwards."""
    root().mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(root()).free - size < SPARE:
        raise Refused("disk", _("There is hardly any room left on this machine, so nothing was stored. Please tell whoever runs it."))


def write(name: str, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Write a new file whole or not at all. Returns its size and SHA-256 in hexadecimal digits."""
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part, digest, size = path.with_suffix(path.suffix + ".part"), sha256(), 0
    try:
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return size, digest.hexdigest()


def add(name: str, piece: bytes, at: int) -> None:
    """Write a piece of a file that grows, at byte ``at``; what was there after it (a piece that broke off) is cut."""
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("r+b" if path.exists() else "wb") as file:
        file.seek(at)
        file.truncate()
        file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def pieces_of(path: Path, size: int = 1024 * 1024) -> Iterable[bytes]:
    """A file in pieces."""
    with path.open("rb") as file:
        while piece := file.read(size):
            yield piece


def remove(name: str) -> None:
    """A file, or a folder of renditions, goes. What is not there is fine."""
    path = path_of(name)
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
